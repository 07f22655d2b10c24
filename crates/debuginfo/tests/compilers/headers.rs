//! Real headers: what is read of them is put into assertions that the same compiler checks.

use std::collections::HashSet;
use std::fmt::Write as _;

use cwire_debuginfo::DebugInfo;
use cwire_layout::types::{RecordKind, Type};
use cwire_tests::run;

use crate::{command, compile, folder, read};

const SOURCE: &str = "#define _GNU_SOURCE\n#define __GLIBC_USE(x) 1\n#include <stddef.h>\n\
    #include <sys/types.h>\n#include <sys/stat.h>\n#include <sys/socket.h>\n#include <sys/time.h>\n\
    #include <sys/resource.h>\n#include <sys/uio.h>\n#include <sys/un.h>\n#include <sys/ipc.h>\n\
    #include <sys/shm.h>\n#include <sys/msg.h>\n#include <sys/sem.h>\n#include <sys/times.h>\n\
    #include <sys/utsname.h>\n#include <sys/epoll.h>\n#include <sys/select.h>\n\
    #include <netinet/in.h>\n#include <netinet/ip.h>\n#include <netinet/ip6.h>\n\
    #include <netinet/tcp.h>\n#include <netinet/udp.h>\n#include <netinet/icmp6.h>\n\
    #include <netinet/if_ether.h>\n#include <net/if.h>\n#include <net/route.h>\n\
    #include <arpa/nameser.h>\n#include <arpa/inet.h>\n#include <elf.h>\n#include <utmp.h>\n\
    #include <utmpx.h>\n#include <time.h>\n#include <signal.h>\n#include <ucontext.h>\n\
    #include <pthread.h>\n#include <semaphore.h>\n#include <pwd.h>\n#include <grp.h>\n\
    #include <netdb.h>\n#include <dirent.h>\n#include <termios.h>\n#include <poll.h>\n\
    #include <mqueue.h>\n#include <link.h>\n#include <math.h>\n#include <locale.h>\n#include <stdio.h>\n\
    #include <linux/perf_event.h>\n#include <linux/fuse.h>\n#include <linux/nl80211.h>\n\
    #include <linux/rtnetlink.h>\n#include <linux/pkt_sched.h>\n\
    #include <linux/bpf.h>\n#include <linux/videodev2.h>\n#include <linux/ethtool.h>\n\
    #include <linux/usb/ch9.h>\n#include <linux/input.h>\n#include <linux/io_uring.h>\n";

/// Assertions of all records that C can name, and how many records they are of.
fn assertions(info: &DebugInfo) -> (String, usize) {
    let mut text = SOURCE.to_owned();
    let mut count = 0;
    let mut seen = HashSet::new();
    for &id in info.types.records() {
        let record = info.types.record(id);
        let Some(definition) = &record.definition else { continue };
        if definition.def.members.is_empty() && definition.layout.layout.size > 0 {
            continue; // gcc writes a `transparent_union` without its members
        }
        if record.origin.as_ref().is_none_or(|origin| origin.line == 0) {
            continue; // the compiler's own `__va_list_tag`
        }
        // A typedef of this very record, or else its tag.
        let is_typedef = info.types.find(&record.name).is_some_and(|ty| {
            matches!(info.types.get(ty), Type::Typedef(_))
                && *info.types.get(info.types.strip(ty)) == Type::Record(id)
        });
        let tag = if record.kind == RecordKind::Union { "union" } else { "struct" };
        let ty =
            if is_typedef { record.name.to_string() } else { format!("{tag} {}", record.name) };
        if record.name.is_empty() || record.name.contains("::") || !seen.insert(ty.clone()) {
            continue;
        }
        count += 1;
        let layout = &definition.layout;
        let (size, mut align) = (layout.layout.size, layout.layout.align);
        if is_typedef && let Some(typedef) = info.types.find(&record.name) {
            // The typedef itself may ask for more.
            align = info.types.layout_of(typedef).expect("it is complete").align;
        }
        // A packed record whose members lie where they would lie anyway looks like any other, and so
        // do those that it is inside of.
        let _ = writeln!(
            text,
            "_Static_assert(sizeof({ty}) == {size}, \"sizeof({ty})\");\n\
             _Static_assert(_Alignof({ty}) <= {align}, \"_Alignof({ty})\");"
        );
        for (member, place) in definition.def.members.iter().zip(&layout.members) {
            if member.width_bits.is_none() && !member.name.is_empty() {
                let (name, offset) = (&member.name, place.offset_bits / 8);
                let _ = writeln!(
                    text,
                    "_Static_assert(offsetof({ty}, {name}) == {offset}, \"{ty} {name}\");"
                );
            }
        }
    }
    (text, count)
}

fn agree(name: &str, compiler: &str, flags: &[&str]) {
    let dir = folder(name);
    let mut all = vec!["-g", "-fno-eliminate-unused-debug-types"];
    all.extend(flags);
    let Some(object) = compile(&dir, "a.c", SOURCE, compiler, &all) else { return };
    let info = read(&object);
    let refused = info.types.refused();
    assert!(refused.is_empty(), "{refused:?}");
    let (text, count) = assertions(&info);
    assert!(count > 600, "{name}: {count} records");
    eprintln!("{name}: {count} records");
    std::fs::write(dir.join("b.c"), text).expect("the target folder is writable");
    let Some(mut check) = command(&dir, compiler) else { return };
    run(check.args(flags).args(["-w", "-fsyntax-only", "b.c"]));
}

#[test]
fn records_of_system_headers() {
    agree("headers", "gcc", &[]);
    agree("headers-dwarf-2", "gcc", &["-gdwarf-2"]);
    agree("headers-types", "gcc", &["-fdebug-types-section"]);
    // `asm/*.h` of Linux are the same for both.
    agree("headers-32", "gcc", &["-m32", "-idirafter", "/usr/include/x86_64-linux-gnu"]);
    agree("headers-clang", "clang-19", &[]);
    for compiler in [
        "aarch64-linux-gnu-gcc",
        "arm-linux-gnueabihf-gcc",
        "riscv64-linux-gnu-gcc",
        "powerpc-linux-gnu-gcc",
        "powerpc64-linux-gnu-gcc",
        "powerpc64le-linux-gnu-gcc",
        "s390x-linux-gnu-gcc",
        "mips-linux-gnu-gcc",
    ] {
        agree(&format!("headers-{compiler}"), compiler, &[]);
    }
}
