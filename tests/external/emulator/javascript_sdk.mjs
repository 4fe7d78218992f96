// Microsoft's JavaScript SDK, unmodified, against the emulator.
//
//     node javascript_sdk.mjs http://127.0.0.1:8787
//
// The SDK hands its credential to https hosts only, so a middleware of this
// file brings the token to a plain http one; the rest of the chain is the
// SDK's own, retries included.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

// Installed where NODE_PATH says, outside the repository.
const require = createRequire(import.meta.url);
const {
  BatchRequestContent, BatchResponseContent, Client, HTTPMessageHandler, RedirectHandler,
  RedirectHandlerOptions, ResponseType, RetryHandler, RetryHandlerOptions, TelemetryHandler,
} = require('@microsoft/microsoft-graph-client');

const root = process.argv[2];
const group = '22222222-0000-4000-8000-000000000001';

class AnyToken {
  async execute(context) {
    context.options.headers = { ...context.options.headers, Authorization: 'Bearer any-token' };
    await this.next.execute(context);
  }

  setNext(next) {
    this.next = next;
  }
}

function client() {
  const chain = [
    new AnyToken(),
    new RetryHandler(new RetryHandlerOptions()),
    new RedirectHandler(new RedirectHandlerOptions()),
    new TelemetryHandler(),
    new HTTPMessageHandler(),
  ];
  chain.reduce((before, handler) => {
    before.setNext(handler);
    return handler;
  });
  return Client.initWithMiddleware({ baseUrl: `${root}/`, middleware: chain[0] });
}

const graph = client();
const content = (path) =>
  graph.api(path).responseType(ResponseType.ARRAYBUFFER).get().then((b) => Buffer.from(b));

async function refusal(call) {
  try {
    await call;
  } catch (error) {
    return [error.statusCode, error.code];
  }
  throw new Error('expected an error');
}

// Metadata: of oneself, of others, of one size, of all sizes.
assert.equal((await graph.api('/me/photo').get()).width, 648);
assert.equal((await graph.api('/me/photo').select('id,height').get()).width, undefined);
assert.equal((await graph.api('/users/alex@contoso.com/photos/48x48').get()).id, '48x48');
const sizes = await graph.api('/users/alex@contoso.com/photos').get();
assert.deepEqual(sizes.value.map((p) => p.width), [48, 64, 96, 120, 240, 360, 432, 504]);
assert.equal((await graph.api('/me/contacts/contact-1/photo').get()).width, 96);
assert.equal((await graph.api('/me/contactFolders/folder-1/contacts/contact-3/photo').get()).width, 120);
assert.equal((await graph.api(`/teams/${group}/photo`).version('beta').get()).width, 360);

// Bytes, whole and as a stream.
const photo = await content('/me/photo/$value');
const small = await content('/users/alex@contoso.com/photos/48x48/$value');
assert.ok(small.length < photo.length);
const parts = [];
for await (const part of await graph.api('/me/photo/$value').getStream()) parts.push(part);
assert.deepEqual(Buffer.concat(parts), photo);

// Upload: from memory with PUT and with PATCH.
const lidia = '/users/lidia@contoso.com/photo';
await graph.api(`${lidia}/$value`).header('Content-Type', 'image/jpeg').put(photo);
assert.deepEqual(await content(`${lidia}/$value`), photo);
await graph.api(`${lidia}/$value`).header('Content-Type', 'image/jpeg').patch(small);
assert.deepEqual(await content(`${lidia}/$value`), small);
await graph.api(`/teams/${group}/photo/$value`).header('Content-Type', 'image/jpeg').put(small);
assert.deepEqual(await content(`/groups/${group}/photo/$value`), small);

// Delete, and then there is none.
await graph.api(`${lidia}/$value`).delete();
assert.deepEqual(await refusal(graph.api(lidia).get()), [404, 'ImageNotFound']);
assert.deepEqual(await refusal(graph.api(`${lidia}/$value`).get()), [404, 'ImageNotFound']);
assert.deepEqual(await refusal(graph.api('/me/photo').patch({ width: 1 })), [405, 'Request_BadRequest']);
assert.deepEqual(
  await refusal(graph.api('/users/nobody@contoso.com').select('id').get()),
  [404, 'Request_ResourceNotFound'],
);

// Throttled once: the SDK waits and asks again.
const faults = (method, body) => fetch(`${root}/_emulator/faults`, { method, body });
await faults('PUT', JSON.stringify('kind=status,status=429,retry-after=1,times=1,path=/me/photo'));
assert.equal((await graph.api('/me/photo').get()).width, 648);
const { faults: [fault] } = await (await faults('GET')).json();
assert.equal(fault.struck, 1);
await faults('DELETE');

// $batch, as the SDK's own documentation does it: upload, then download.
// Of a browser's API the SDK wants Blob, which Node has, and FileReader, which
// it has not; without it images silently stay out of the batch.
globalThis.FileReader = class {
  addEventListener(_, done) {
    this.done = done;
  }

  async readAsDataURL(blob) {
    const base64 = Buffer.from(await blob.arrayBuffer()).toString('base64');
    this.result = `data:${blob.type};base64,${base64}`;
    this.done();
  }
};
// (Of a whole URL the SDK keeps all that follows the host.)
const request = (path, options) => new Request(`${root}${path}`, options);
const steps = [
  {
    id: '1',
    request: request(`${lidia}/$value`, {
      method: 'PUT', headers: { 'Content-Type': 'image/jpeg' }, body: small,
    }),
  },
  { id: '2', request: request(`${lidia}/$value`, { method: 'GET' }), dependsOn: ['1'] },
];
const batch = await new BatchRequestContent(steps).getContent();
const answers = new BatchResponseContent(await graph.api('/$batch').post(batch));
assert.equal(answers.getResponseById('1').status, 200);
const downloaded = await answers.getResponseById('2').text();
assert.deepEqual(Buffer.from(downloaded, 'base64'), small);
const none = { id: '1', request: request('/users/nophoto@contoso.com/photo', { method: 'GET' }) };
const after = { id: '2', request: request('/me', { method: 'GET' }), dependsOn: ['1'] };
const failing = await new BatchRequestContent([none, after]).getContent();
const failed = new BatchResponseContent(await graph.api('/$batch').post(failing));
assert.deepEqual(['1', '2'].map((id) => failed.getResponseById(id).status), [404, 424]);
console.log('javascript: ok');
