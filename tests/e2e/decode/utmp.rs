//! `utmpdump` and `cwire decode` with the system's `utmp.h` agree on the records of `wtmp`.

use std::io::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::Path;
use std::process::Stdio;

use super::cwire;
use super::json::Json;

/// As utmpdump prints them, and takes them back.
const RECORDS: &str = "\
[2] [00000] [~~  ] [reboot  ] [~           ] [6.1.0-18-amd64      ] [0.0.0.0        ] [2026-01-02T03:04:05,000006+00:00]
[1] [00053] [~~  ] [runlevel] [~           ] [6.1.0-18-amd64      ] [0.0.0.0        ] [2026-01-02T03:04:06,000000+00:00]
[6] [00601] [tty1] [LOGIN   ] [tty1        ] [                    ] [0.0.0.0        ] [2026-01-02T03:04:07,123456+00:00]
[7] [01234] [ts/0] [root    ] [pts/0       ] [host.example.org    ] [10.1.2.3       ] [2026-01-02T03:04:08,500000+00:00]
[7] [01235] [ts/1] [exactly-thirty-two-letters-long.] [pts/with-a-line-of-32-characters] [ip6                 ] [2001:db8::1    ] [2026-01-02T03:04:09,999999+00:00]
[8] [01234] [ts/0] [        ] [pts/0       ] [                    ] [255.255.255.255] [2038-01-19T03:14:07,000000+00:00]
[7] [-0001] [    ] [        ] [            ] [                    ] [0.0.0.0        ] [1970-01-01T00:00:00,000000+00:00]
";

#[test]
fn utmpdump_agrees() {
    let Some(mut undump) = cwire_tests::tool("utmpdump") else { return };
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("utmp-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let mut child = undump
        .args(["-r", "-o", "wtmp"])
        .current_dir(&dir)
        .env("TZ", "UTC")
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(RECORDS.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    let mut files = vec![dir.join("wtmp")];
    // Where this machine has one.
    let real = Path::new("/var/log/wtmp");
    if std::fs::metadata(real).is_ok_and(|wtmp| wtmp.len() > 0) && std::fs::read(real).is_ok() {
        files.push(real.to_owned());
    }
    for file in files {
        let mut dump = std::process::Command::new("utmpdump");
        let output = cwire_tests::run(dump.arg(&file).env("TZ", "UTC"));
        let theirs = String::from_utf8_lossy(&output.stdout).into_owned();
        let file = file.display().to_string();
        let header = "--header=/usr/include/utmp.h";
        let ours = cwire::fields(
            &dir,
            &["decode", &file, header, "-I/usr/include", "--record=utmp", "--format=json"],
        );
        assert_eq!(theirs.lines().count(), ours.len(), "{theirs}");
        for (line, record) in theirs.lines().zip(&ours) {
            assert_eq!(dumped(record), line);
        }
    }
    std::fs::remove_dir_all(dir).unwrap();
}

/// A record in utmpdump's form (util-linux, utmpdump(1)).
fn dumped(record: &Json) -> String {
    let number = |field: &str| record.get(field).and_then(Json::integer).unwrap();
    let text = |field: &str| record.get(field).and_then(Json::text).unwrap();
    let words = record.get("ut_addr_v6").and_then(Json::list).unwrap();
    // Four words in network order, in the machine's memory.
    let bytes: Vec<u8> = words
        .iter()
        .flat_map(|word| i32::try_from(word.integer().unwrap()).unwrap().to_ne_bytes())
        .collect();
    let bytes: [u8; 16] = bytes.try_into().unwrap();
    let address = match bytes[4..] {
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] => {
            Ipv4Addr::new(bytes[0], bytes[1], bytes[2], bytes[3]).to_string()
        }
        _ => Ipv6Addr::from(bytes).to_string(),
    };
    let time = record.get("ut_tv").unwrap();
    let part = |field: &str| time.get(field).and_then(Json::integer).unwrap();
    format!(
        "[{}] [{:05}] [{:4}] [{:8}] [{:12}] [{:20}] [{address:15}] [{},{:06}+00:00]",
        number("ut_type"),
        number("ut_pid"),
        text("ut_id"),
        text("ut_user"),
        text("ut_line"),
        text("ut_host"),
        date(part("tv_sec")),
        part("tv_usec"),
    )
}

/// Seconds since 1970 in the calendar that has every fourth year a leap year, as it is until 2100.
fn date(seconds: i128) -> String {
    let (mut days, of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let mut year = 1970;
    let length = |year: i128| if year % 4 == 0 { 366 } else { 365 };
    while days >= length(year) {
        days -= length(year);
        year += 1;
    }
    let february = if year % 4 == 0 { 29 } else { 28 };
    let mut month = 1;
    for len in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if days < len {
            break;
        }
        days -= len;
        month += 1;
    }
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    format!("{year}-{month:02}-{:02}T{hour:02}:{minute:02}:{second:02}", days + 1)
}
