my $root = "https://outlook.office.com/api/v2.0";
my $picture = $agent->get("$root/me/photo/\$value", Authorization => "Bearer $token")->content;
my $meta = decode_json($agent->get("$root/me/photo", Authorization => "Bearer $token")->content);
print "$meta->{Width} pixels wide\n";
