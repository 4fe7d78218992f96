// A program written for Outlook REST v2.0 on node-outlook 1.1.8, with one line changed: the host.
//
//     node legacy_node.js https://127.0.0.1:8025 PHOTO.jpg TOKEN
//
// Bytes go the way they had to with that library, which decodes and encodes every body as JSON:
// through `request`, which it is made of, with its endpoint and headers.

const assert = require('assert');
const fs = require('fs');
const outlook = require('node-outlook');
const request = require('request');

const [host, photo, token] = process.argv.slice(2);

// The one line: it was https://outlook.office.com/api/v2.0
outlook.base.setApiEndpoint(`${host}/api/v2.0`);
outlook.base.setAnchorMailbox('adele@contoso.com');

const call = (path, more) =>
  new Promise((resolve, reject) =>
    outlook.base.makeApiCall(
      { url: outlook.base.apiEndpoint() + path, token, ...more },
      (error, response) => (error ? reject(error) : resolve(response))));

const bytes = (path, more) =>
  new Promise((resolve, reject) =>
    request(
      {
        url: outlook.base.apiEndpoint() + path,
        auth: { bearer: token },
        headers: { 'X-Anchor-Mailbox': outlook.base.anchorMailbox(), 'User-Agent': 'node-outlook/2.0' },
        encoding: null,
        ...more,
      },
      (error, response) => (error ? reject(error) : resolve(response))));

async function main() {
  const picture = fs.readFileSync(photo);

  // Updates: PATCH as v2.0 documents it, PUT as beta does.
  for (const method of ['PATCH', 'PUT']) {
    const set = await bytes('/me/photo/$value', {
      method, body: picture, headers: { 'Content-Type': 'image/jpeg', 'X-Anchor-Mailbox': 'adele@contoso.com' },
    });
    assert.strictEqual(set.statusCode, 200, `${method} ${set.body}`);
  }

  // Metadata, and what the library sends along with it.
  const id = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
  const found = await call('/me/photo', { headers: { 'client-request-id': id } });
  assert.strictEqual(found.statusCode, 200);
  assert.strictEqual(found.headers['client-request-id'], id);
  assert.strictEqual(found.body.Id, '648X648');
  assert.strictEqual(found.body.Width, 648);
  assert.match(found.body['@odata.context'], /^https:\/\/outlook\.office\.com\/api\/v2\.0\/\$metadata#/);

  const selected = await call('/me/photo/', { query: { $select: 'Id' } });
  assert.strictEqual(selected.body.Id, '648X648');
  assert.strictEqual(selected.body.Width, undefined);

  // Bytes and sizes.
  const largest = await bytes('/me/photo/$value', { qs: { timestamp: new Date().toISOString() } });
  assert.strictEqual(largest.headers['content-type'], 'image/jpeg');
  assert.ok(largest.body.equals(picture));
  const small = await call("/me/photos('96x96')");
  assert.strictEqual(small.body.Id, '96X96');
  const again = await bytes('/me/photos/96x96/$value');
  assert.ok(again.body.length > 0 && again.body.length < picture.length);
  const sizes = await call('/me/photos');
  assert.ok(sizes.body.value.some(size => size.Id === '96X96'));

  // Without a photo, without a user, and what is no photo.
  const nobody = await call("/Users('lidia@contoso.com')/photo");
  assert.strictEqual(nobody.statusCode, 200);
  assert.strictEqual(nobody.body.Id, '1X1');
  assert.strictEqual((await call("/Users('lidia@contoso.com')/photo/$value")).statusCode, 404);
  const unknown = await call("/Users('nobody@contoso.com')/photo");
  assert.strictEqual(unknown.statusCode, 404);
  assert.ok(unknown.body.error.code);
  const messages = await call('/me/messages');
  assert.strictEqual(messages.statusCode, 404);
  assert.ok(messages.body.error.message);

  console.log('node: node-outlook 1.1.8 through the gateway: ok');
}

main().catch(error => {
  console.error(error);
  process.exit(1);
});
