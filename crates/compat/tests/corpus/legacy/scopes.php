<?php
$provider = new GenericProvider(['scopes' => 'openid offline_access https://outlook.office.com/user.readwrite']);
