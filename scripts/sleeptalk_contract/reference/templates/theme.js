// Before anything is drawn: that programs run here, and the reader's own choice of light or dark, where there is one.
document.documentElement.classList.add('scripted');
try {
  const chosen = localStorage.getItem('sleeptalk-theme');
  if (chosen) document.documentElement.dataset.theme = chosen;
} catch { /* a browser that keeps nothing for files */ }
