function loadIcon(token, done) {
  var xhr = new XMLHttpRequest();
  xhr.open('GET', 'https://outlook.office.com/api/v2.0/me/photo/$value?timestamp=' + new Date().toISOString());
  xhr.responseType = 'arraybuffer';
  xhr.onload = function () { done(xhr.status === 200 ? xhr.response : null); };
  xhr.setRequestHeader('Authorization', 'Bearer ' + token);
  xhr.send();
}
