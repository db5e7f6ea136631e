// What needs a program on a page: the theme button, copying, the chosen language, and finding one's place.
(() => {
const root = document.documentElement;
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const THEMES = ['auto', 'light', 'dark'];
const button = document.querySelector('.theme');

function showTheme() {
  const theme = root.dataset.theme ?? 'auto';
  button.textContent = { auto: '◐', light: '☀', dark: '☾' }[theme];
  button.setAttribute('aria-label', `Theme: ${theme}`);
  button.title = `Theme: ${theme}`;
}

button.addEventListener('click', () => {
  const next = THEMES[(THEMES.indexOf(root.dataset.theme ?? 'auto') + 1) % THEMES.length];
  if (next === 'auto') delete root.dataset.theme; else root.dataset.theme = next;
  kept.write('theme', next === 'auto' ? null : next);
  showTheme();
});
showTheme();

// Copying. What was done is shown for a while, and read out.
const said = document.getElementById('said');
let saying;

function say(words) {
  said.textContent = words;
  clearTimeout(saying);
  saying = setTimeout(() => { said.textContent = ''; }, 2000);
}

async function copy(text, words) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const focused = document.activeElement;
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
    focused?.focus({ preventScroll: true });
  }
  say(words);
}

// What a block of code is called: its language among the samples, its example, the file above it, or its first line.
function nameOf(block) {
  const language = block.closest('.tab')?.previousElementSibling.textContent;
  const example = block.closest('.example')?.querySelector('summary').textContent.trim();
  const file = block.previousElementSibling?.matches('.file') ? block.previousElementSibling.textContent : null;
  const first = block.querySelector('pre').textContent.trim().split('\n')[0].slice(0, 60);
  return language ?? example ?? file ?? (first || 'the answer');
}

for (const block of all('.code')) {
  const pre = block.querySelector('pre');
  const made = document.createElement('button');
  made.type = 'button';
  made.className = 'copy';
  made.textContent = 'Copy';
  made.setAttribute('aria-label', `Copy: ${nameOf(block)}`);
  made.addEventListener('click', async () => {
    await copy(pre.textContent.replace(/^\$ /gm, ''), 'Copied');
    made.textContent = 'Copied';
    setTimeout(() => { made.textContent = 'Copy'; }, 2000);
  });
  block.append(made);
}

const whole = document.querySelector('.as-text button');
whole?.addEventListener('click', async () => copy(await inflated('twin'), 'This page is copied as Markdown'));

// A heading and the name of a field are links to themselves: who follows one has the address, too.
document.addEventListener('click', (event) => {
  const link = event.target.closest('main :is(h2, h3, h4, .head, .rows td:first-child) > a[href^="#"]');
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) copy(link.href, 'The link is copied');
});

// The language of the samples is the same on all pages.
function chooseLanguage(language) {
  for (const input of all('.tabs input')) if (input.dataset.language === language) input.checked = true;
}

for (const input of all('.tabs input')) {
  input.addEventListener('change', () => {
    kept.write('language', input.dataset.language);
    chooseLanguage(input.dataset.language);
  });
}
chooseLanguage(kept.read('language'));

// Sections with fields within fields open and close them all at once.
for (const section of all('main section')) {
  const nested = all('.nested', section);
  const heading = section.querySelector(':scope > h2');
  if (!heading || nested.length < 2) continue;
  const made = document.createElement('button');
  const isOpen = () => nested.every((each) => each.open);
  const show = () => { made.textContent = isOpen() ? 'Close all fields' : 'Open all fields'; };
  made.type = 'button';
  made.className = 'tool';
  made.addEventListener('click', () => {
    const open = !isOpen();
    for (const each of nested) each.open = open;
    show();
  });
  section.addEventListener('toggle', show, true);
  heading.after(made);
  show();
}

// What a link leads to is shown, also where it is folded away.
function unfold() {
  let target = null;
  try { target = document.getElementById(decodeURIComponent(location.hash.slice(1))); } catch { /* not an address */ }
  let folded = false;
  for (let at = target?.closest('details'); at; at = at.parentElement.closest('details')) {
    folded ||= !at.open;
    at.open = true;
  }
  if (folded) target.scrollIntoView();
}

addEventListener('hashchange', unfold);
unfold();

// The place on the page is marked in the list at the side, which shows the page that is open.
const pages = document.getElementById('pages');
const within = all('.within a', pages);
const places = within.map((link) => document.getElementById(link.hash.slice(1))).filter(Boolean);

function keepInView(link) {
  const [inside, around] = [link.getBoundingClientRect(), pages.getBoundingClientRect()];
  if (inside.top < around.top || inside.bottom > around.bottom) {
    pages.scrollTop += inside.top - around.top - around.height / 3;
  }
}

function mark() {
  const reached = places.filter((place) => place.getBoundingClientRect().top < innerHeight / 4);
  const bottom = innerHeight + scrollY >= root.scrollHeight - 2 && scrollY > 0;
  const current = bottom ? places.at(-1) : reached.at(-1);
  for (const link of within) {
    const here = current !== undefined && link.hash.slice(1) === current.id;
    if (here === link.hasAttribute('aria-current')) continue;
    if (here) link.setAttribute('aria-current', 'location'); else link.removeAttribute('aria-current');
    if (here) keepInView(link);
  }
}

const current = pages.querySelector('[aria-current=page]');
if (current) keepInView(current);
pages.addEventListener('toggle', () => { if (current) keepInView(current); });
pages.addEventListener('click', (event) => { if (event.target.closest('.within a') && pages.matches(':popover-open')) pages.hidePopover(); });
if (places.length) {
  let waiting = false;
  addEventListener('scroll', () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; mark(); });
  }, { passive: true });
  mark();
}
})();
