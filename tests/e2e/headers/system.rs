//! System headers, one by one, by gcc's debug information.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use cwire_header::{Lang, Options};
use cwire_layout::abi::Abi;
use cwire_tests::{run, tool};

use super::{dwarf, facts::Facts};

/// Headers besides those of `linux/`.
const OTHERS: &[&str] = &[
    "elf.h",
    "utmp.h",
    "utmpx.h",
    "link.h",
    "lastlog.h",
    "dirent.h",
    "grp.h",
    "pwd.h",
    "netdb.h",
    "poll.h",
    "netinet/in.h",
    "netinet/ip.h",
    "netinet/ip6.h",
    "netinet/ip_icmp.h",
    "netinet/icmp6.h",
    "netinet/tcp.h",
    "netinet/udp.h",
    "netinet/igmp.h",
    "netinet/if_ether.h",
    "netinet/ether.h",
    "net/ethernet.h",
    "net/if.h",
    "net/if_arp.h",
    "net/route.h",
    "net/ppp_defs.h",
    "arpa/nameser.h",
    "resolv.h",
    "sys/stat.h",
    "sys/statvfs.h",
    "sys/socket.h",
    "sys/un.h",
    "sys/time.h",
    "sys/timex.h",
    "sys/epoll.h",
    "sys/inotify.h",
    "sys/ipc.h",
    "sys/msg.h",
    "sys/sem.h",
    "sys/shm.h",
    "sys/resource.h",
    "sys/uio.h",
    "sys/utsname.h",
    "sys/sysinfo.h",
    "sys/acct.h",
    "sys/signalfd.h",
    "sys/user.h",
    "sys/procfs.h",
    "scsi/sg.h",
    "scsi/scsi.h",
    "sound/asound.h",
    "rpc/netdb.h",
    "mtd/mtd-abi.h",
    "rdma/ib_user_verbs.h",
    "drm/drm.h",
    "drm/drm_mode.h",
    "drm/i915_drm.h",
    "drm/amdgpu_drm.h",
    "misc/cxl.h",
    "video/uvesafb.h",
    "asm/sigcontext.h",
    "asm/stat.h",
    "asm/ptrace.h",
    "xen/evtchn.h",
    "signal.h",
    "ucontext.h",
    "stdio.h",
];

/// The C compiler of an ABI with the flags for it.
fn compiler(program: &str, flags: &[&str]) -> Option<Command> {
    let mut command = tool(program)?;
    command.args(flags);
    Some(command)
}

/// Where the compiler looks for headers, in its order.
fn include_dirs(mut compiler: Command) -> Vec<PathBuf> {
    compiler.args(["-E", "-v", "-x", "c", "/dev/null"]).env("LC_ALL", "C");
    let output = run(&mut compiler);
    let text = String::from_utf8_lossy(&output.stderr);
    text.lines()
        .skip_while(|line| !line.starts_with("#include <...>"))
        .skip(1)
        .take_while(|line| line.starts_with(' '))
        .map(|line| PathBuf::from(line.trim()))
        .collect()
}

/// Compares headers; says how many were equal.
fn compare(program: &str, flags: &[&str], abi: Abi, headers: &[String]) -> Option<usize> {
    let dirs = include_dirs(compiler(program, flags)?);
    let folder =
        std::env::temp_dir().join(format!("cwire-headers-{}-{}", std::process::id(), abi.triple()));
    std::fs::create_dir_all(&folder).unwrap();
    let (mut compared, mut unusable, mut records, mut wrong) = (0, 0, 0, String::new());
    for header in headers {
        let source = folder.join("probe.c");
        let object = folder.join("probe.o");
        std::fs::write(&source, format!("#include <{header}>\n")).unwrap();
        let mut command = compiler(program, flags)?;
        command.args([
            "-g",
            "-gdwarf-5",
            "-fno-eliminate-unused-debug-types",
            "-fno-eliminate-unused-debug-symbols",
            "-w",
            "-c",
            "-o",
        ]);
        let output = command.arg(&object).arg(&source).output().unwrap();
        if !output.status.success() {
            // The header does not stand alone, for the compiler neither.
            unusable += 1;
            continue;
        }
        let theirs = dwarf::read(&std::fs::read(&object).unwrap(), None);
        let mut options = Options::new(abi);
        options.lang = Some(Lang::C);
        options.include_dirs.clone_from(&dirs);
        match cwire_header::read_file(&source, &options) {
            Err(error) => writeln!(wrong, "{header}: {error}").unwrap(),
            Ok(read) => {
                let ours = Facts::of(&read.types);
                let differences = ours.differences(&theirs);
                if differences.is_empty() {
                    compared += 1;
                    records += ours.records.len();
                } else {
                    let refused = read.types.refused();
                    writeln!(wrong, "== {header}\n{differences}{refused:?}").unwrap();
                }
            }
        }
    }
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(wrong.is_empty(), "{}\n{wrong}", abi.triple());
    eprintln!(
        "{}: {compared} headers with {records} records equal, {unusable} not for this compiler",
        abi.triple()
    );
    Some(compared)
}

/// All of `linux/` that the machine has, and [`OTHERS`].
fn headers(root: &Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(root.join("linux"))
        .map(|entries| {
            entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect()
        })
        .unwrap_or_default();
    names.retain(|name: &String| name.ends_with(".h"));
    names.sort();
    let linux = names.into_iter().map(|name| format!("linux/{name}"));
    linux.chain(OTHERS.iter().map(|&name| name.to_owned())).collect()
}

#[test]
fn headers_of_x86_64_equal_gcc() {
    let headers = headers(Path::new("/usr/include"));
    let Some(compared) = compare("gcc", &["-m64"], Abi::X86_64_LINUX, &headers) else { return };
    assert!(compared >= 60, "{compared} headers");
}

/// Where the kernel's headers look for `asm/` of all x86 kinds, which `-m32` leaves out.
const MULTIARCH: &str = "-idirafter/usr/include/x86_64-linux-gnu";

#[test]
fn headers_of_i686_equal_gcc() {
    let headers = headers(Path::new("/usr/include"));
    let Some(compared) = compare("gcc", &["-m32", MULTIARCH], Abi::I686_LINUX, &headers) else {
        return;
    };
    assert!(compared >= 60, "{compared} headers");
}

/// The cross compilers' own C libraries and kernel headers.
const CROSS: &[(&str, Abi)] = &[
    ("aarch64-linux-gnu", Abi::AARCH64_LINUX),
    ("arm-linux-gnueabihf", Abi::ARM_LINUX),
    ("riscv64-linux-gnu", Abi::RISCV64_LINUX),
    ("powerpc-linux-gnu", Abi::POWERPC_LINUX),
    ("powerpc64-linux-gnu", Abi::POWERPC64_LINUX),
    ("powerpc64le-linux-gnu", Abi::POWERPC64LE_LINUX),
    ("s390x-linux-gnu", Abi::S390X_LINUX),
    ("mips-linux-gnu", Abi::MIPS_LINUX),
];

#[test]
fn headers_of_other_abis_equal_their_gcc() {
    for &(triple, abi) in CROSS {
        let headers = headers(&Path::new("/usr").join(triple).join("include"));
        // A tenth of `linux/` on each, another tenth on the next: all of it would take minutes.
        let skip = CROSS.iter().position(|&(other, _)| other == triple).unwrap_or(0);
        let (linux, others): (Vec<_>, Vec<_>) =
            headers.into_iter().partition(|name| name.starts_with("linux/"));
        let some = linux.into_iter().skip(skip).step_by(10);
        let some: Vec<_> = some.chain(others).collect();
        let Some(compared) = compare(&format!("{triple}-gcc"), &[], abi, &some) else { continue };
        assert!(compared >= 60, "{compared} headers of {triple}");
    }
}
