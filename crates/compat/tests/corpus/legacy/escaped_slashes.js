var config = {"photo":"https:\/\/outlook.office.com\/api\/v2.0\/me\/photo\/$value"};
