// What the other programs of a page share.

// The text that a page holds deflated in an element of its own.
async function inflated(id) {
  const bytes = Uint8Array.from(atob(document.getElementById(id).textContent), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'))).text();
}

// What the reader chose before: "theme", "language". A browser may keep nothing for files, then it holds for the page.
const kept = {
  read(name) {
    try { return localStorage.getItem(`sleeptalk-${name}`); } catch { return null; }
  },
  write(name, value) {
    try {
      if (value === null) localStorage.removeItem(`sleeptalk-${name}`); else localStorage.setItem(`sleeptalk-${name}`, value);
    } catch { /* as said */ }
  },
};
