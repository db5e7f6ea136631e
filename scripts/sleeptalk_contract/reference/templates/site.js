// What needs a program on a page: the theme button, copy buttons, tabs, and opening what a link leads to.
(() => {
const root = document.documentElement;
const THEMES = ['auto', 'light', 'dark'];
const button = document.querySelector('.theme');

function showTheme() {
  const theme = root.dataset.theme ?? 'auto';
  button.textContent = { auto: '◐', light: '☀', dark: '☾' }[theme];
  button.setAttribute('aria-label', `Theme: ${theme}`);
  button.title = `Theme: ${theme}`;
}

button.hidden = false;
button.addEventListener('click', () => {
  const next = THEMES[(THEMES.indexOf(root.dataset.theme ?? 'auto') + 1) % THEMES.length];
  if (next === 'auto') delete root.dataset.theme; else root.dataset.theme = next;
  try {
    if (next === 'auto') localStorage.removeItem('sleeptalk-theme'); else localStorage.setItem('sleeptalk-theme', next);
  } catch { /* kept for this page only */ }
  showTheme();
});
showTheme();

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
}

for (const block of document.querySelectorAll('.code')) {
  const pre = block.querySelector('pre');
  const made = document.createElement('button');
  made.type = 'button';
  made.className = 'copy';
  made.textContent = 'Copy';
  made.addEventListener('click', async () => {
    await copy(pre.textContent.replace(/^\$ /gm, ''));
    made.textContent = 'Copied';
    setTimeout(() => { made.textContent = 'Copy'; }, 2000);
  });
  block.append(made);
}
})();
