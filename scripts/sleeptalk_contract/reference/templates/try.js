// The form to try an operation against a sandbox on this machine. What is answered is shown as text, never as HTML.
(() => {
const form = document.querySelector('form.try');
if (!form) return;
form.hidden = false;

const command = document.querySelector('.origin code');
if (location.protocol !== 'file:') command.textContent = command.textContent.replace(/null$/, location.origin);

const inputs = [...form.querySelectorAll('[data-place]')];
const at = (place) => inputs.filter((input) => input.dataset.place === place);
const output = form.querySelector('output');
const answer = form.querySelector('.answer');

// A scenario names the values that it needs by "place.name"; all others are as they were at first.
const key = (input) => input.dataset.name ? `${input.dataset.place}.${input.dataset.name}` : input.dataset.place;
const first = new Map(inputs.map((input) => [input, input.value]));
form.elements.scenario?.addEventListener('change', (event) => {
  const values = JSON.parse(event.target.selectedOptions[0].dataset.values);
  for (const input of inputs) if (input.type !== 'file') input.value = values[key(input)] ?? first.get(input);
});

function request() {
  let path = form.dataset.path;
  for (const input of at('path')) path = path.replace(`{${input.dataset.name}}`, encodeURIComponent(input.value));
  const query = new URLSearchParams(at('query').filter((input) => input.value).map((input) => [input.dataset.name, input.value]));
  const headers = new Headers(at('header').filter((input) => input.value).map((input) => [input.dataset.name, input.value]));
  let body;
  for (const input of at('form')) {
    body ??= new FormData();
    if (input.files[0]) body.append(input.dataset.name, input.files[0]);
  }
  for (const input of at('body')) {
    if (input.value.trim()) {
      body = input.value;
      headers.set('content-type', 'application/json');
    }
  }
  const address = form.elements.server.value.replace(/\/+$/, '') + path + (query.size ? `?${query}` : '');
  return [address, { method: form.dataset.method, headers, body, cache: 'no-store', credentials: 'omit', redirect: 'manual' }];
}

// Indented JSON, with lists of plain values on one line.
function pretty(text) {
  try {
    const lines = JSON.stringify(JSON.parse(text), null, 2);
    return lines.replace(/\[\n\s*([^[\]{}]*?)\n\s*\]/g, (_, items) => `[${items.split(/,\n\s*/).join(', ')}]`);
  } catch {
    return text;
  }
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  output.textContent = 'Waiting ...';
  answer.hidden = true;
  const began = performance.now();
  try {
    const response = await fetch(...request());
    const text = await response.text();
    output.textContent = `${response.status} ${response.statusText}, ${Math.round(performance.now() - began)} ms`;
    const headers = [...response.headers].map(([name, value]) => `${name}: ${value}`).join('\n');
    answer.querySelector('code').textContent = `${headers}\n\n${pretty(text)}`;
    answer.hidden = false;
  } catch (error) {
    output.textContent = `No answer that this page may read (${error.message}). Is the sandbox running, with the command above?`;
  }
});
})();
