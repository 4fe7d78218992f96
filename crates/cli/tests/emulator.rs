//! `graph-photo emulator` as a process.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use graph_photo_emulator::demo_jpeg;

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_graph-photo"));
    command.arg("emulator").args(args);
    command
}

fn fails(args: &[&str]) -> Output {
    let output = command(args).output().unwrap();
    assert!(!output.status.success(), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    output
}

/// A running emulator; killed when dropped.
struct Running {
    child: Child,
    ready: serde_json::Value,
}

impl Running {
    fn start(args: &[&str]) -> Running {
        let mut child = command(args)
            .args(["--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        stdout.read_line(&mut line).unwrap();
        Running {
            child,
            ready: serde_json::from_str(&line).unwrap(),
        }
    }

    fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.ready["v1"].as_str().unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(30)))
        .build()
        .new_agent()
}

fn get(url: &str) -> Result<(u16, Vec<u8>), ureq::Error> {
    let request = agent().get(url).header("authorization", "Bearer x");
    let mut response = request.call()?;
    let body = response.body_mut().read_to_vec()?;
    Ok((response.status().as_u16(), body))
}

fn put(url: &str, body: &[u8]) -> Result<u16, ureq::Error> {
    let request = agent().put(url).header("authorization", "Bearer x");
    Ok(request
        .content_type("image/jpeg")
        .send(body)?
        .status()
        .as_u16())
}

#[test]
fn one_line_says_that_it_is_ready() {
    let emulator = Running::start(&["--photo-id", "size"]);
    let url = emulator.ready["url"].as_str().unwrap();
    assert_eq!(emulator.ready["ready"], true);
    assert_eq!(emulator.ready["v1"], format!("{url}/v1.0"));
    assert_eq!(emulator.ready["beta"], format!("{url}/beta"));
    let (status, body) = get(&emulator.url("me/photo")).unwrap();
    assert_eq!(status, 200);
    let metadata: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(metadata["id"], "648x648");
    let (status, page) = get(&format!("{url}/")).unwrap();
    assert_eq!(status, 200);
    assert!(
        String::from_utf8(page)
            .unwrap()
            .contains("graph-photo emulator")
    );
}

#[cfg(unix)]
#[test]
fn it_ends_well_when_told_to() {
    for signal in ["-TERM", "-INT"] {
        let mut emulator = Running::start(&[]);
        let id = emulator.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &id])
                .status()
                .unwrap()
                .success()
        );
        assert!(emulator.child.wait().unwrap().success(), "{signal}");
    }
}

#[test]
fn flags_reach_the_service() {
    let emulator = Running::start(&[
        "--synthetic-users",
        "10",
        "--without-photo",
        "50",
        "--fault",
        "kind=status,status=503,path=/me/photo",
        "--fault",
        "kind=status,status=429,path=/groups/*",
        "--no-photo",
        "placeholder",
        "--throttle",
        "requests=2,window=1h",
    ]);
    let status = |path: &str| get(&emulator.url(path)).unwrap().0;
    assert_eq!(status("me/photo"), 503);
    assert_eq!(status("groups/g/photo"), 429);
    assert_eq!(status("users/lidia@contoso.com/photo"), 200);
    assert_eq!(status("users/lidia@contoso.com/photo"), 200);
    assert_eq!(status("users/lidia@contoso.com/photo"), 429);
    assert_eq!(status("users/user0000009@synthetic.contoso.com"), 200);
    assert_eq!(status("users/user0000010@synthetic.contoso.com"), 404);
}

#[test]
fn tokens_come_from_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tokens");
    std::fs::write(&path, "y work User.Read\n").unwrap();
    let emulator = Running::start(&["--tokens", path.to_str().unwrap()]);
    assert_eq!(get(&emulator.url("me/photo")).unwrap().0, 401);

    std::fs::write(&path, "y work User.Read\nsecret-token root\n").unwrap();
    let output = fails(&["--tokens", path.to_str().unwrap()]);
    let said = String::from_utf8(output.stderr).unwrap();
    let said = said.replace(path.to_str().unwrap(), "FILE");
    assert_eq!(
        said,
        "graph-photo: --tokens FILE: line 2: 'root' is no kind of account; write work, personal or application\n"
    );
}

#[test]
fn mistakes_on_the_command_line_are_named() {
    let said = |args: &[&str]| {
        let text = String::from_utf8(fails(args).stderr).unwrap();
        text.lines().next().unwrap().to_owned()
    };
    insta::assert_snapshot!(
        [
            said(&["--fault", "kind=fire"]),
            said(&["--fault", "rate=2"]),
            said(&["--throttle", "much"]),
            said(&["--listen", "nowhere"]),
            said(&["--without-photo", "101"]),
            said(&["--no-photo", "maybe"]),
            said(&["--tokens", "/does/not/exist"]),
        ]
        .join("\n")
    );
}

#[test]
fn an_address_in_use_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = fails(&["--listen", &address]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.starts_with(&format!("graph-photo: cannot listen on {address}: ")),
        "{said}"
    );
}

#[test]
fn help() {
    let output = command(&["--help"]).output().unwrap();
    assert!(output.status.success());
    insta::assert_snapshot!(String::from_utf8(output.stdout).unwrap());
}

/// Kills the emulator amid uploads, again and again, and looks at what is left.
/// `GRAPH_PHOTO_KILLS` sets how often; the soak run asks for more.
#[test]
fn a_kill_leaves_the_old_photo_or_the_new_one() {
    let kills: u32 = std::env::var("GRAPH_PHOTO_KILLS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(8);
    let directory = tempfile::tempdir().unwrap();
    let data = ["--data", directory.path().to_str().unwrap()];
    let pictures = [10, 120, 240].map(|hue| demo_jpeg(648, hue, "K").unwrap().to_vec());
    let mut last_known: Option<usize> = None;
    for kill in 0..kills {
        let mut emulator = Running::start(&data);
        let url = emulator.url("users/lidia@contoso.com/photo/$value");
        let (status, found) = get(&url).unwrap();
        match (status, last_known) {
            (404, None) => {}
            (200, _) => {
                let which = pictures.iter().position(|p| *p == found);
                assert!(
                    which.is_some(),
                    "kill {kill} left {} strange bytes",
                    found.len()
                );
            }
            other => panic!("kill {kill} lost the photo: {other:?}"),
        }
        // One upload for sure, then more until the kill comes.
        assert_eq!(put(&url, &pictures[0]).unwrap(), 200);
        last_known = Some(0);
        let uploads = {
            let pictures = pictures.clone();
            std::thread::spawn(move || {
                let mut n = 0;
                while put(&url, &pictures[n % 3]).is_ok() {
                    n += 1;
                }
                n
            })
        };
        // Not to wait for something: to kill at another moment each time.
        std::thread::sleep(Duration::from_micros(u64::from(kill) * 3_700 % 40_000));
        emulator.child.kill().unwrap();
        emulator.child.wait().unwrap();
        uploads.join().unwrap();
    }
    assert_no_unfinished(directory.path(), &data);
}

/// After a start nothing half-written is left over.
fn assert_no_unfinished(directory: &Path, data: &[&str]) {
    let _emulator = Running::start(data);
    let names: Vec<_> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(
        names.iter().all(|n| !n.ends_with(".unfinished")),
        "{names:?}"
    );
}

#[test]
fn a_data_directory_is_for_one_emulator() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().to_str().unwrap();
    let mut first = Running::start(&["--data", path]);
    let output = fails(&["--listen", "127.0.0.1:0", "--data", path]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("is in use by another emulator"), "{said}");
    first.child.kill().unwrap();
    first.child.wait().unwrap();
    let _again = Running::start(&["--data", path]);
}

/// Sixteen uploads at once that never end, and three hundred requests of nothing
/// but headers: none of it is kept.
#[cfg(target_os = "linux")]
#[test]
fn memory_stays_bounded_under_attack() {
    use std::io::Write as _;

    let emulator = Running::start(&[]);
    let address = emulator.ready["url"].as_str().unwrap()["http://".len()..].to_owned();
    let send = |head: &'static str, part: Vec<u8>, times: usize| {
        let address = address.clone();
        std::thread::spawn(move || {
            let mut stream = std::net::TcpStream::connect(address).unwrap();
            stream.write_all(head.as_bytes()).unwrap();
            // It ends when the emulator has had enough.
            (0..times)
                .take_while(|_| stream.write_all(&part).is_ok())
                .count()
        })
    };
    let upload =
        "PUT /v1.0/me/photo/$value HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    let chunk = [
        b"100000\r\n".to_vec(),
        vec![b'x'; 1 << 20],
        b"\r\n".to_vec(),
    ]
    .concat();
    let headers = format!("x-flood: {}\r\n", "y".repeat(500)).into_bytes();
    let uploads: Vec<_> = (0..16).map(|_| send(upload, chunk.clone(), 1024)).collect();
    let floods: Vec<_> = (0..300)
        .map(|_| send("GET /v1.0/me HTTP/1.1\r\n", headers.clone(), 20_000))
        .collect();
    for thread in uploads {
        assert!(thread.join().unwrap() < 1024, "a GB was taken");
    }
    for thread in floods {
        assert!(
            thread.join().unwrap() < 20_000,
            "ten MB of headers were taken"
        );
    }
    assert_eq!(get(&emulator.url("me")).unwrap().0, 200);
    let status = std::fs::read_to_string(format!("/proc/{}/status", emulator.child.id())).unwrap();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap();
    let kilobytes: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(kilobytes < 200_000, "{kilobytes} kB");
}
