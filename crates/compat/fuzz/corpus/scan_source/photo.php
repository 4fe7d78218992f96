<?php
$url = "https://outlook.office.com/api/v2.0/me/photo/\$value";
$image = $client->get($url)->getBody();
