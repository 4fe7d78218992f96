<?php
$answer = json_decode(file_get_contents("https://outlook.office.com/api/v2.0/Users('{$mail}')/photo"), true);
echo $answer['Width'] . ' by ' . $answer['Height'];
