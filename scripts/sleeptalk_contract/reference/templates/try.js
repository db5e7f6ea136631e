// The form to try an operation against a sandbox on this machine. What is answered is shown as text, never as HTML.
(() => {
const form = document.querySelector('form.try');
if (!form) return;

const command = document.querySelector('.origin code');
if (location.protocol !== 'file:') command.textContent = command.textContent.replace(/null$/, location.origin);

const inputs = [...form.querySelectorAll('[data-place]')];
const at = (place) => inputs.filter((input) => input.dataset.place === place);
const MOST = 200000; // characters of an answer
const output = form.querySelector('output');
const said = []; // beside the output
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
  const address = form.elements.server.value.trim().replace(/\/+$/, '') + path + (query.size ? `?${query}` : '');
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

// Why nothing can be sent to this address, "" where something can.
function refusal(server) {
  let address;
  try { address = new URL(server); } catch { address = null; }
  if (address?.protocol !== 'http:') return `${server || 'Nothing'} is not the address of a sandbox: write http://127.0.0.1:8787.`;
  const odd = at('header').find(({ value }) => /[^\t\x20-\x7e\x80-\xff]/.test(value));
  return odd ? `A header cannot carry what is in ${odd.dataset.name}.` : '';
}

function failure(server, error) {
  if (error.name === 'AbortError') return 'Cancelled.';
  if (!['127.0.0.1', 'localhost'].includes(new URL(server).hostname)) {
    return 'No answer: this page may reach no other machine than this one, so that no key leaves it. Write http://127.0.0.1 or http://localhost, and the port.';
  }
  return `No answer that this page may read (${error.message}). Is the sandbox running, with the command above? `
    + 'If the browser asks whether this page may reach other apps on this machine, allow it.';
}

// What is shown of an answer: its headers and its body, which is cut where it would slow the page down.
function shown(response, text) {
  const headers = [...response.headers].map(([name, value]) => `${name}: ${value}`).join('\n');
  const body = text.length > MOST ? `${text.slice(0, MOST)}\n... the first ${MOST} of ${text.length} characters` : pretty(text);
  return `${headers}\n\n${body}`;
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const server = form.elements.server.value.trim();
  answer.hidden = true;
  for (const each of said.splice(0)) each.remove();
  output.className = '';
  output.textContent = refusal(server);
  if (output.textContent) return;
  const cancelled = new AbortController();
  const cancel = form.querySelector('.cancel');
  const send = form.querySelector('.send');
  cancel.onclick = () => cancelled.abort();
  try {
    const [address, how] = request();
    output.textContent = 'Waiting ...';
    send.disabled = true;
    cancel.hidden = false;
    const began = performance.now();
    const response = await fetch(address, { ...how, signal: cancelled.signal });
    const text = await response.text();
    output.textContent = `${response.status} ${response.statusText}, ${Math.round(performance.now() - began)} ms`;
    output.className = `status s${String(response.status)[0]}`;
    answer.querySelector('code').textContent = shown(response, text);
    if (document.getElementById(`error-${response.status}`)) {
      const remedy = document.createElement('a');
      remedy.href = `#error-${response.status}`;
      remedy.textContent = 'What to do';
      output.after(' ', remedy);
      said.push(remedy);
    }
    answer.hidden = false;
  } catch (error) {
    output.textContent = failure(server, error);
  } finally {
    const hadFocus = document.activeElement === cancel || document.activeElement === document.body;
    cancel.hidden = true;
    send.disabled = false;
    if (hadFocus) send.focus({ preventScroll: true });
  }
});
})();
