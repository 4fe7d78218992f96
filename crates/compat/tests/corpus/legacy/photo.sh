#!/bin/sh
curl -sf -H "Authorization: Bearer $TOKEN" https://outlook.office.com/api/v2.0/me/photo/\$value -o me.jpg
curl -sf -X PUT -T me.jpg "https://outlook.office.com/api/v2.0/users('$USER_MAIL')/photo/\$value"
