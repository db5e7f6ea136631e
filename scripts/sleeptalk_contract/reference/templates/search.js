// The search in the bar. What it finds is data of the page: (name, what it is, address) each.
(() => {
const INDEX = JSON.parse(document.getElementById('index').textContent);
const field = document.querySelector('.search input');
const list = document.querySelector('.search ul');
const status = document.querySelector('.search [role=status]');

function show() {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  const hits = words.length === 0 ? [] : INDEX.filter(([name, kind]) => words.every((word) => `${name} ${kind}`.toLowerCase().includes(word)));
  const inName = ([name]) => words.every((word) => name.toLowerCase().includes(word));
  hits.sort((a, b) => inName(b) - inName(a) || a[0].length - b[0].length);
  list.replaceChildren(...hits.slice(0, 40).map(([name, kind, address]) => {
    const item = document.createElement('li');
    const link = document.createElement('a');
    const remark = document.createElement('span');
    link.href = address;
    remark.textContent = ` ${kind}`;
    link.append(name, remark);
    item.append(link);
    return item;
  }));
  list.hidden = hits.length === 0;
  status.textContent = words.length === 0 ? '' : `${hits.length} found`;
}

field.addEventListener('input', show);
document.addEventListener('keydown', (event) => {
  const links = [...list.querySelectorAll('a')];
  const at = links.indexOf(document.activeElement);
  if (event.key === '/' && !/^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName)) {
    event.preventDefault();
    field.focus();
  } else if (event.key === 'Escape') {
    list.hidden = true;
    if (at >= 0) field.focus();
  } else if (event.key === 'Enter' && document.activeElement === field && links.length > 0) {
    links[0].click();
  } else if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && !list.hidden && (at >= 0 || document.activeElement === field)) {
    event.preventDefault();
    const next = at + (event.key === 'ArrowDown' ? 1 : -1);
    (links[next] ?? field).focus();
  }
});
document.addEventListener('click', (event) => {
  if (!event.target.closest('.search') || event.target.closest('.search a')) list.hidden = true;
});
})();
