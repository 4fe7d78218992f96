uri = URI("https://outlook.office.com/api/v2.0/Users('#{email}')/photo")
info = JSON.parse(Net::HTTP.get(uri))
puts info['Width']
