// The gallery, the log and the faults, refreshed once a second. The page is a
// client of Graph like any other: its pictures come from the Graph paths.
'use strict';

const token = document.querySelector('meta[name=token]').content;
const authorization = { Authorization: `Bearer ${token}` };
const byId = (id) => document.getElementById(id);

byId('base').textContent = `${location.origin}/v1.0`;

function say(text) {
  byId('status').textContent = text;
}

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

async function json(path, options) {
  const response = await fetch(path, options);
  const body = response.status === 204 ? {} : await response.json();
  if (!response.ok) throw new Error(body.error ? body.error.message : response.statusText);
  return body;
}

// What went wrong, in Graph's words.
async function failure(response) {
  try {
    const { error } = await response.json();
    return `${response.status} ${error.code}: ${error.message}`;
  } catch {
    return `${response.status} ${response.statusText}`;
  }
}

async function picture(path, caption, alt) {
  const image = element('img', { alt, width: 112, height: 112 });
  const figure = element('figure', {}, image, element('figcaption', { textContent: caption }));
  const response = await fetch(`/v1.0${path}`, { headers: authorization });
  if (!response.ok) {
    image.alt = await failure(response);
    return figure;
  }
  image.src = URL.createObjectURL(await response.blob());
  await image.decode().catch(() => { image.alt = 'not an image that this browser shows'; });
  const longest = Math.max(image.naturalWidth, image.naturalHeight) || 1;
  const scale = Math.min(1, 112 / longest);
  image.width = Math.round(image.naturalWidth * scale);
  image.height = Math.round(image.naturalHeight * scale);
  return figure;
}

class Card {
  constructor(owner) {
    this.path = owner.path;
    this.name = owner.name;
    this.etag = undefined;
    this.pictures = element('div', { className: 'pictures' });
    this.about = element('p', {});
    this.file = element('input', { type: 'file', accept: 'image/*', hidden: true });
    const choose = element('button', { type: 'button', textContent: 'Upload…' });
    choose.setAttribute('aria-label', `Upload a photo of ${owner.name}`);
    this.remove = element('button', { type: 'button', textContent: 'Delete' });
    this.remove.setAttribute('aria-label', `Delete the photo of ${owner.name}`);
    this.item = element('li', {},
      element('h3', { textContent: owner.name }),
      element('code', { textContent: owner.path }),
      this.about, this.pictures,
      element('div', { className: 'actions' }, choose, this.file, this.remove));
    this.item.dataset.path = owner.path;

    choose.addEventListener('click', () => this.file.click());
    this.file.addEventListener('change', () => {
      if (this.file.files[0]) this.upload(this.file.files[0]);
      this.file.value = '';
    });
    this.remove.addEventListener('click', () => this.send('DELETE'));
    const over = (on) => (event) => {
      event.preventDefault();
      this.item.classList.toggle('over', on);
    };
    this.item.addEventListener('dragover', over(true));
    this.item.addEventListener('dragleave', over(false));
    this.item.addEventListener('drop', (event) => {
      over(false)(event);
      if (event.dataTransfer.files[0]) this.upload(event.dataTransfer.files[0]);
    });
  }

  upload(file) {
    return this.send('PUT', file, { 'Content-Type': file.type || 'application/octet-stream' });
  }

  async send(method, body, headers) {
    const response = await fetch(`/v1.0${this.path}/photo/$value`,
      { method, body, headers: { ...authorization, ...headers } });
    const done = method === 'PUT' ? 'uploaded' : 'deleted';
    say(response.ok ? `Photo of ${this.name} ${done}.` : await failure(response));
    await refreshOwners();
  }

  async show(owner) {
    const photo = owner.photo;
    const etag = photo ? photo.etag : null;
    this.remove.hidden = !owner.deletable || !photo;
    if (etag === this.etag) return;
    this.etag = etag;
    this.about.textContent = photo
      ? `${photo.width}x${photo.height}, ${photo.contentType}, ${photo.bytes} bytes, etag ${etag}`
      : 'no photo';
    const wanted = [];
    if (photo) {
      wanted.push(picture(`${this.path}/photo/$value`, 'largest', `Photo of ${this.name}`));
      for (const size of photo.sizes) {
        wanted.push(picture(`${this.path}/photos/${size}/$value`, size,
          `Photo of ${this.name}, ${size}`));
      }
    }
    const pictures = await Promise.all(wanted);
    if (etag !== this.etag) return;
    for (const old of this.pictures.querySelectorAll('img')) URL.revokeObjectURL(old.src);
    this.pictures.replaceChildren(...pictures);
    this.item.dataset.etag = etag || '';
  }
}

const cards = new Map();

async function refreshOwners() {
  const { owners } = await json('/_emulator/owners');
  for (const owner of owners) {
    if (!cards.has(owner.path)) {
      cards.set(owner.path, new Card(owner));
      byId('owners').append(cards.get(owner.path).item);
    }
  }
  for (const owner of owners) await cards.get(owner.path).show(owner);
}

let last = 0;
const KEPT_ROWS = 200;

async function refreshLog() {
  const { requests } = await json(`/_emulator/requests?after=${last}`);
  for (const request of requests.slice(-KEPT_ROWS)) {
    last = request.number;
    const cells = [request.number, request.method, request.target,
      request.status || 'closed', request.code, request.fault, request.durationMs.toFixed(1)];
    byId('log').prepend(element('tr', { className: request.status < 400 ? '' : 'failed' },
      ...cells.map((text) => element('td', { textContent: text }))));
  }
  while (byId('log').rows.length > KEPT_ROWS) byId('log').deleteRow(-1);
}

let faults = [];

async function refreshFaults() {
  const answer = await json('/_emulator/faults');
  const before = JSON.stringify(faults);
  faults = answer.faults;
  if (JSON.stringify(faults) === before && byId('faults').children.length) return;
  const items = faults.map((fault, at) => {
    const stop = element('button', { type: 'button', textContent: 'Remove' });
    stop.setAttribute('aria-label', `Remove fault ${fault.text}`);
    stop.addEventListener('click', () => setFaults(faults.filter((_, n) => n !== at)));
    return element('li', {}, element('code', { textContent: fault.text }),
      ` struck ${fault.struck} times `, stop);
  });
  if (!items.length) items.push(element('li', { textContent: 'none' }));
  byId('faults').replaceChildren(...items);
}

async function setFaults(wanted) {
  try {
    await json('/_emulator/faults',
      { method: 'PUT', body: JSON.stringify(wanted.map((fault) => fault.text)) });
    say('Faults changed.');
  } catch (error) {
    say(error.message);
  }
  await refreshFaults();
}

byId('fault-form').addEventListener('submit', async (event) => {
  event.preventDefault();
  await setFaults([...faults, { text: byId('fault').value }]);
});
byId('clear-faults').addEventListener('click', () => setFaults([]));
byId('clear-log').addEventListener('click', async () => {
  await json('/_emulator/requests', { method: 'DELETE' });
  byId('log').replaceChildren();
});

async function refresh() {
  try {
    await Promise.all([refreshOwners(), refreshLog(), refreshFaults()]);
    document.body.dataset.ready = 'true';
  } catch (error) {
    say(`The emulator does not answer: ${error.message}`);
  }
  setTimeout(refresh, 1000);
}
refresh();
