//! Each exit code that `--help` lists is one that the command ends with, and no other.

mod support;

use std::collections::BTreeMap;

use graph_photo_emulator::Fault;
use graph_photo_emulator::blocking::Emulator;
use support::Session;

#[test]
fn every_exit_code_of_the_table_is_produced() {
    let emulator = Emulator::start().unwrap();
    let faults = [
        "kind=status,status=429,retry-after=3600,path=/me/*",
        "kind=status,status=400,path=/users/alex*",
    ];
    emulator.set_faults(faults.map(|fault| fault.parse::<Fault>().unwrap()));
    let mut session = Session::new();
    session.file("users.txt", "adele@contoso.com\nalex@contoso.com\n");
    session.file(
        "old.py",
        "url = 'https://outlook.office.com/api/v2.0/me/photo/$value'\n",
    );
    let at = format!("--base-url {}", emulator.base_url());
    let mut produced = BTreeMap::new();
    for line in [
        format!("info user:adele@contoso.com {at}"),
        format!("get user:adele@contoso.com -o missing/adele.jpg {at}"),
        format!("info adele@contoso.com {at}"),
        format!("info user:nophoto@contoso.com {at}"),
        "info me".to_owned(),
        format!("info me {at}"),
        format!("sync --users users.txt --to photos --quiet {at}"),
        "migrate scan .".to_owned(),
    ] {
        let code = session.run(&line).status.code().unwrap();
        let before = produced.insert(code, line.clone());
        assert_eq!(before, None, "{line} ended with {code}, too");
    }
    let help = String::from_utf8(session.run("--help").stdout).unwrap();
    let (_, table) = help.split_once("Exit codes:\n").unwrap();
    let documented: Vec<i32> = table
        .lines()
        .map_while(|line| line.split_whitespace().next()?.parse().ok())
        .collect();
    assert_eq!(documented, produced.keys().copied().collect::<Vec<_>>());
    assert_eq!(documented, (0..=7).collect::<Vec<_>>());
}
