// The search in the bar. What it finds is data of the page: groups of entries, and the words that mean the same.
(() => {
const box = document.querySelector('.search');
const field = box.querySelector('input');
const list = box.querySelector('ul');
const status = box.querySelector('[role=status]');
const MOST = 40;
const WEIGHTS = [['page', 9], ['term', 8], ['operation', 8], ['webhook', 8], ['document', 7], ['header', 5], ['schema', 4], ['field', 4], ['rule', 2]];

const parts = (text) => text.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase().split(/[^\p{L}\p{N}]+/u).filter(Boolean);

const entries = (groups) => groups.flatMap(([kind, page, ...rows]) => rows.map((row) => {
  const [name, anchor, words = ''] = Array.isArray(row) ? row : [row, 0];
  const fragment = anchor === 0 ? name : anchor ?? '';
  const weight = WEIGHTS.find(([word]) => kind.startsWith(word))?.[1] ?? 3;
  const lower = name.toLowerCase();
  return {
    name, kind, words, weight, lower,
    address: fragment ? `${page}#${fragment}` : page,
    last: lower.slice(Math.max(lower.lastIndexOf('.'), lower.lastIndexOf('/')) + 1),
    parts: parts(name),
    joined: parts(name).join(''),
    text: `${words} ${kind}`.toLowerCase(),
  };
}));

// Each word with those that mean it: a term with its other names, each of those with the term alone.
function meanings(synonyms) {
  const found = new Map();
  const add = (word, others) => found.set(word.toLowerCase(), [
    ...(found.get(word.toLowerCase()) ?? []), ...others.map((other) => other.toLowerCase()),
  ]);
  for (const [term, others, names] of synonyms) {
    add(term, [...others, ...names]);
    for (const other of others) add(other, [term, ...names]);
    for (const name of names) add(name, [term]);
  }
  return found;
}

const SMALL = new Set('a an the of to in on for is are it and or how do i what'.split(' '));

let ENTRIES = [];
let KNOWN = new Set();
let MEANT = new Map();
let loading = null;
let wanted = false;

// The data is deflated, and read when somebody first goes to the search.
async function load() {
  const data = JSON.parse(await inflated('index'));
  ENTRIES = entries(data.entries);
  MEANT = meanings(data.synonyms);
  KNOWN = new Set([...ENTRIES.flatMap((entry) => entry.parts), ...[...MEANT.keys()].flatMap(parts)]);
}

// Whether two words are one mistake apart (two where they are long): a letter too much, too few, wrong or swapped.
function near(a, b) {
  const most = a.length > 7 ? 2 : 1;
  if (Math.abs(a.length - b.length) > most) return false;
  let [before, last] = [[], [...Array(b.length + 1).keys()]];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j], before[j - 2] + 1);
    }
    [before, last] = [last, row];
  }
  return last[b.length] <= most;
}

// The word that was meant, where nothing has the one that was typed.
function corrected(word) {
  if (word.length < 4 || /\d/.test(word) || MEANT.has(word) || ENTRIES.some((entry) => fit(entry, word) > 0)) return word;
  return [...KNOWN].find((known) => known[0] === word[0] && near(word, known)) ?? word;
}

// How well one word fits an entry: 0 not at all, 100 it is its name.
function fit(entry, word) {
  if (entry.lower === word) return 100;
  if (entry.last === word) return 90;
  if (entry.joined === word) return 85;
  if (entry.lower.startsWith(word)) return word.length > 3 ? 70 : 50;
  if (entry.parts.includes(word)) return 60;
  if (entry.parts.some((part) => part.startsWith(word))) return 45;
  if (entry.lower.includes(word)) return 30;
  if (word.length > 4 && entry.joined.includes(word)) return 29;
  const stem = word.replace(/(?:ing|ed|es|e|s)$/, '');
  if (stem.length > 3 && stem !== word && entry.parts.some((part) => part.startsWith(stem))) return 28;
  if (entry.kind.startsWith(word)) return 50;
  const at = entry.text.indexOf(word);
  if (at < 0) return 0;
  if (/[\p{L}\p{N}]/u.test(entry.text[at - 1] ?? ' ')) return 8;
  return /[\p{L}\p{N}]/u.test(entry.text[at + word.length] ?? ' ') ? 18 : 20;
}

// How well what is asked for fits: as a whole, or each of its words, or what means the same as it.
function score(entry, phrase, words) {
  let each = Infinity;
  for (const word of words) {
    const own = fit(entry, word);
    const meant = MEANT.get(word) ?? MEANT.get(word.replace(/s$/, '')) ?? [];
    const other = Math.max(0, ...meant.map((synonym) => fit(entry, synonym)).map((found) => found * (found > 85 ? 0.65 : 0.5)));
    each = Math.min(each, Math.max(own, other));
  }
  const whole = phrase.includes(' ') ? Math.max(fit(entry, phrase), ...(MEANT.get(phrase) ?? []).map((synonym) => fit(entry, synonym) * 0.6)) : 0;
  const option = entry.name.startsWith('-') && !phrase.startsWith('-') ? 15 : 0;
  const best = Math.max(each, whole) - option;
  return best > 0 ? best + entry.weight : 0;
}

function find(asked) {
  const typed = asked.toLowerCase().replace(/[?!,"'()]+/g, ' ').split(/\s+/).filter(Boolean);
  if (typed.length === 0) return [];
  const large = typed.filter((word) => !SMALL.has(word));
  const words = (large.length > 0 ? large : typed).map(corrected);
  const whole = [typed.join(' '), typed.join(' ').replace(/s$/, '')].find((one) => MEANT.has(one));
  const phrase = whole ?? words.join(' ');
  return ENTRIES.map((entry) => ({ entry, points: score(entry, phrase, words) }))
    .filter(({ points }) => points > 0)
    .sort((a, b) => b.points - a.points || a.entry.name.length - b.entry.name.length)
    .map(({ entry }) => entry);
}

// A text with the parts that were asked for marked.
function marked(element, text, words) {
  const lower = text.toLowerCase();
  let done = 0;
  while (lower.length === text.length) {
    const next = words.map((word) => [lower.indexOf(word, done), word.length]).filter(([at]) => at >= 0)
      .sort((a, b) => a[0] - b[0] || b[1] - a[1])[0];
    if (!next) break;
    const part = document.createElement('mark');
    part.textContent = text.slice(next[0], next[0] + next[1]);
    element.append(text.slice(done, next[0]), part);
    done = next[0] + next[1];
  }
  element.append(text.slice(done));
}

let chosen = -1;
let before = null; // what had the focus before the search

function choose(next) {
  const options = list.querySelectorAll('a');
  if (options[chosen]) options[chosen].setAttribute('aria-selected', 'false');
  chosen = options.length ? (next + options.length) % options.length : -1;
  field.removeAttribute('aria-activedescendant');
  if (chosen < 0) return;
  options[chosen].setAttribute('aria-selected', 'true');
  options[chosen].scrollIntoView({ block: 'nearest' });
  field.setAttribute('aria-activedescendant', options[chosen].id);
}

function open(shown) {
  list.hidden = !shown;
  field.setAttribute('aria-expanded', String(shown));
  if (!shown) field.removeAttribute('aria-activedescendant');
}

async function show() {
  wanted = true;
  await (loading ??= load());
  if (!wanted) return;
  const hits = find(field.value);
  const asked = field.value.trim();
  const words = asked.toLowerCase().split(/\s+/).filter(Boolean);
  list.replaceChildren(...hits.slice(0, MOST).map(({ name, kind, words: about, address }, at) => {
    const item = document.createElement('li');
    const link = document.createElement('a');
    item.setAttribute('role', 'presentation');
    link.id = `hit-${at}`;
    link.setAttribute('role', 'option');
    link.setAttribute('aria-selected', 'false');
    link.href = address;
    link.tabIndex = -1;
    const title = document.createElement('b');
    marked(title, name, words);
    const remark = document.createElement('i');
    remark.textContent = kind;
    link.append(title, ' ', remark);
    if (about) {
      const more = document.createElement('span');
      marked(more, about, words);
      link.append(more);
    }
    item.append(link);
    return item;
  }));
  status.textContent = !asked ? '' : hits.length > MOST ? `${hits.length} found, the first ${MOST} are listed` : `${hits.length} found`;
  if (asked && hits.length === 0) {
    const none = document.createElement('li');
    none.className = 'none';
    none.setAttribute('role', 'option');
    none.setAttribute('aria-disabled', 'true');
    none.textContent = `Nothing is called “${asked}”. The names of operations, fields, headers, statuses and rules are searched, and the words of the glossary.`;
    list.append(none);
  }
  open(asked !== '');
  chosen = -1;
  field.removeAttribute('aria-activedescendant');
  if (hits.length > 0) choose(0);
}

field.addEventListener('input', show);
field.addEventListener('focus', () => {
  loading ??= load();
  if (field.value.trim() !== '') show();
});
field.addEventListener('keydown', (event) => {
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    event.preventDefault();
    if (list.hidden) show(); else choose(chosen + (event.key === 'ArrowDown' ? 1 : -1));
  } else if (event.key === 'Enter' && !list.hidden) {
    event.preventDefault();
    list.querySelectorAll('a')[chosen]?.click();
  } else if (event.key === 'Escape') {
    event.preventDefault();
    wanted = false;
    if (list.hidden) {
      field.value = '';
      if (before?.isConnected) before.focus({ preventScroll: true }); else field.blur();
    }
    open(false);
  }
});
document.addEventListener('keydown', (event) => {
  const writes = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? '');
  const slash = event.key === '/' && !writes && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (slash || (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey))) {
    event.preventDefault();
    if (document.activeElement !== field) before = document.activeElement === document.body ? null : document.activeElement;
    field.focus();
    field.select();
  }
});
list.addEventListener('mousedown', (event) => event.preventDefault()); // the focus stays, and so does the list
box.addEventListener('focusout', (event) => {
  if (!box.contains(event.relatedTarget) && document.hasFocus()) open(false);
});
document.addEventListener('click', (event) => {
  if (!event.target.closest('.search') || event.target.closest('.search a')) open(false);
});
})();
