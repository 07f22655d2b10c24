//! Random headers: a C or C++ program writes structs raw and prints their values; `cwire decode` prints the
//! same values, and `cwire encode` makes the same bytes of them.
//!
//! The program runs on this machine for x86-64 and i686 Linux, and in qemu for the other Linux ABIs where
//! it is installed. `CWIRE_RANDOM_HEADERS` says how many headers per ABI (default 200, a third of
//! them C++; in qemu a tenth of that), `CWIRE_RANDOM_SEED` which, `CWIRE_RANDOM_ABI` picks one ABI.

use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use cwire_header::Lang;
use cwire_layout::abi::Abi;

use super::super::headers::random::number;
use super::super::headers::random::rng::Random;
use super::super::headers::random::target::Target;
use super::generate::{self, Wanted};
use super::json::Json;
use super::model::Header;
use super::route::Route;
use super::{compare, program};

/// Headers of one program.
const BATCH: usize = 20;

/// Threads that compile and compare.
const THREADS: usize = 2;

/// What Linux sends for an unaligned address.
const SIGBUS: i32 = 7;

/// Differences that are shown.
const MOST_SHOWN: usize = 12;

/// Where programs for an ABI run.
struct Machine {
    target: Target,
    /// `None`: this one.
    emulator: Option<&'static str>,
}

fn machines() -> Vec<Machine> {
    let emulator = |abi: &Abi| match abi.triple() {
        "x86_64-unknown-linux-gnu" | "i686-unknown-linux-gnu" => Some(None),
        "aarch64-unknown-linux-gnu" => Some(Some("qemu-aarch64")),
        "arm-unknown-linux-gnueabihf" => Some(Some("qemu-arm")),
        "riscv64gc-unknown-linux-gnu" => Some(Some("qemu-riscv64")),
        "powerpc-unknown-linux-gnu" => Some(Some("qemu-ppc")),
        "powerpc64-unknown-linux-gnu" => Some(Some("qemu-ppc64")),
        "powerpc64le-unknown-linux-gnu" => Some(Some("qemu-ppc64le")),
        "mips-unknown-linux-gnu" => Some(Some("qemu-mips")),
        "s390x-unknown-linux-gnu" => Some(Some("qemu-s390x")),
        _ => None,
    };
    let machine = |target: Target| Some(Machine { emulator: emulator(&target.abi)?, target });
    Target::all().into_iter().filter_map(machine).collect()
}

#[derive(Default)]
struct Counts {
    headers: usize,
    records: usize,
    instances: usize,
    values: usize,
    bytes: usize,
    differences: usize,
    /// Headers whose program the machine stops.
    trapped: usize,
}

impl Counts {
    fn add(&mut self, other: &Self) {
        self.headers += other.headers;
        self.records += other.records;
        self.instances += other.instances;
        self.values += other.values;
        self.bytes += other.bytes;
        self.differences += other.differences;
        self.trapped += other.trapped;
    }

    fn describe(&self) -> String {
        let Self { headers, records, instances, values, bytes, differences, trapped } = self;
        format!(
            "{headers} headers ({trapped} trap), {records} records, {instances} structs, {values} values, {bytes} bytes; {differences} differences"
        )
    }
}

struct Unit {
    machine: usize,
    lang: Lang,
    first: usize,
    count: usize,
}

fn units(machines: &[Machine], headers: usize) -> Vec<Unit> {
    let mut units = Vec::new();
    for (machine, Machine { emulator, .. }) in machines.iter().enumerate() {
        let headers = if emulator.is_some() { headers.div_ceil(10) } else { headers };
        let cxx = headers / 3;
        for (lang, total) in [(Lang::C, headers - cxx), (Lang::Cxx, cxx)] {
            for first in (0..total).step_by(BATCH) {
                units.push(Unit { machine, lang, first, count: BATCH.min(total - first) });
            }
        }
    }
    units
}

#[test]
fn values_equal_those_that_c_reads() {
    compare_all(false);
}

#[test]
fn the_program_prints_the_values_that_c_reads() {
    compare_all(true);
}

fn compare_all(by_program: bool) {
    let headers = usize::try_from(number("CWIRE_RANDOM_HEADERS", 200)).unwrap();
    let seed = number("CWIRE_RANDOM_SEED", 1);
    let mut machines = machines();
    // Starting programs takes time, and qemu more of it.
    machines.retain(|machine| !by_program || machine.emulator.is_none());
    if let Ok(triple) = std::env::var("CWIRE_RANDOM_ABI") {
        machines.retain(|machine| machine.target.abi.triple() == triple);
    }
    machines
        .retain(|machine| machine.emulator.is_none_or(|name| cwire_tests::tool(name).is_some()));
    let units = units(&machines, headers);
    let counts: Vec<Mutex<Counts>> = machines.iter().map(|_| Mutex::default()).collect();
    let (shown, next) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (machines, units, counts, shown, next) =
                (&machines, &units, &counts, &shown, &next);
            scope.spawn(move || {
                let dir = Path::new(env!("CARGO_TARGET_TMPDIR"))
                    .join(format!("values-{}-{by_program}-{thread}", std::process::id()));
                while let Some(unit) = units.get(next.fetch_add(1, Ordering::Relaxed)) {
                    std::fs::create_dir_all(&dir).unwrap();
                    let found =
                        compare_unit(&machines[unit.machine], unit, seed, by_program, &dir, shown);
                    counts[unit.machine].lock().unwrap().add(&found);
                    std::fs::remove_dir_all(&dir).unwrap();
                }
            });
        }
    });
    let mut all = Counts::default();
    for (machine, counts) in machines.iter().zip(counts) {
        let counts = counts.into_inner().unwrap();
        eprintln!("{:30} {}", machine.target.abi.triple(), counts.describe());
        all.add(&counts);
    }
    eprintln!("seed {seed}: {}", all.describe());
    assert_eq!(all.differences, 0, "see above");
    assert!(all.trapped * 20 <= all.headers, "too few programs run");
}

/// The headers of a batch, one program for all.
fn compare_unit(
    machine: &Machine,
    unit: &Unit,
    seed: u64,
    by_program: bool,
    dir: &Path,
    shown: &AtomicUsize,
) -> Counts {
    let target = &machine.target;
    let abi = Abi::ALL.iter().position(|abi| *abi == target.abi).unwrap();
    let headers: Vec<Header> = (unit.first..unit.first + unit.count)
        .map(|index| {
            let mix = [seed, abi as u64, u64::from(unit.lang == Lang::Cxx), index as u64];
            let mixed = mix.iter().fold(0, |sum, &part| Random::new(sum ^ part).next());
            let wanted = Wanted { target, lang: unit.lang, swapped: false };
            generate::header(wanted, mixed, &format!("h{index}"))
        })
        .collect();
    let Some(trapped) = run_programs(machine, unit.lang, &headers, seed, dir) else {
        return Counts::default();
    };
    let mut counts = Counts { headers: headers.len(), trapped: trapped.len(), ..Counts::default() };
    for header in headers.iter().filter(|header| !trapped.contains(&&*header.prefix)) {
        for record in &header.records {
            let file = |end: &str| dir.join(format!("{}.{end}", record.name));
            let bytes = std::fs::read(file("bin")).unwrap();
            if bytes.is_empty() {
                // A stream of structs of no bytes says nothing.
                continue;
            }
            let theirs = std::fs::read_to_string(file("values")).unwrap();
            let route = Route { abi: target.abi, header, record, dir, endian: None, by_program };
            counts.records += 1;
            match compare_record(&route, &theirs, &bytes, &mut counts) {
                Ok(()) => {}
                Err(difference) => {
                    counts.differences += 1;
                    if shown.fetch_add(1, Ordering::Relaxed) < MOST_SHOWN {
                        let triple = target.abi.triple();
                        eprintln!("---- {triple} {:?}\n{}{difference}\n", unit.lang, header.text);
                    }
                }
            }
        }
    }
    counts
}

/// Runs the programs of all headers, and names those that trap. `None`: there is no compiler.
///
/// gcc takes a member `aligned(8)` for aligned even where `pack(1)` has put it elsewhere, and reads it
/// with an instruction that MIPS has for aligned addresses only. Such a header says nothing there.
fn run_programs<'h>(
    machine: &Machine,
    lang: Lang,
    headers: &'h [Header],
    seed: u64,
    dir: &Path,
) -> Option<Vec<&'h str>> {
    if run_program(machine, lang, headers, seed, dir)? {
        return Some(Vec::new());
    }
    let mut trapped = Vec::new();
    for header in headers {
        if !run_program(machine, lang, std::slice::from_ref(header), seed, dir)? {
            trapped.push(&*header.prefix);
        }
    }
    Some(trapped)
}

/// Whether the program of some headers runs to its end, or else traps at an unaligned address on a machine
/// that has this trap. `None`: there is no compiler.
fn run_program(
    machine: &Machine,
    lang: Lang,
    headers: &[Header],
    seed: u64,
    dir: &Path,
) -> Option<bool> {
    for header in headers {
        std::fs::write(dir.join(format!("{}.h", header.prefix)), &header.text).unwrap();
    }
    let (compiler, flags) = machine.target.program(lang);
    let mut compile = cwire_tests::tool(compiler)?;
    std::fs::write(dir.join("values.c"), program::source(headers, seed)).unwrap();
    // Nothing else tells apart what a struct holds and what an optimiser makes of it.
    compile.args(flags).args(["-w", "-O0", "-o", "values", "values.c"]);
    let mut run = match machine.emulator {
        None => Command::new(dir.join("values")),
        Some(emulator) => {
            compile.arg("-static");
            let mut run = Command::new(emulator);
            run.arg(dir.join("values"));
            run
        }
    };
    cwire_tests::run(compile.current_dir(dir));
    let output = run.current_dir(dir).output().unwrap();
    let is_trap = machine.emulator == Some("qemu-mips")
        && std::os::unix::process::ExitStatusExt::signal(&output.status) == Some(SIGBUS);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() || is_trap, "{run:?}: {}\n{stderr}", output.status);
    Some(output.status.success())
}

fn compare_record(
    route: &Route<'_>,
    theirs: &str,
    bytes: &[u8],
    counts: &mut Counts,
) -> Result<(), String> {
    let name = &route.record.name;
    let len = bytes.len() / program::INSTANCES;
    let ours = route.decode(bytes, len, false)?;
    if ours.len() != program::INSTANCES {
        return Err(format!("{name}: {} records are decoded", ours.len()));
    }
    for (index, (theirs, ours)) in theirs.lines().zip(&ours).enumerate() {
        counts.instances += 1;
        let theirs = Json::parse(theirs).unwrap();
        counts.values += compare::record(route.header, route.record, &theirs, ours)
            .map_err(|difference| format!("struct {index}: {difference}"))?;
    }
    let lossless = route.decode(bytes, len, true)?;
    let again = route.encode(&lossless)?;
    counts.bytes += bytes.len();
    for (index, (was, is)) in bytes.chunks(len).zip(again.chunks(len)).enumerate() {
        if was != is {
            let mut text = String::new();
            lossless[index].print(&mut text);
            return Err(format!("{name} {index}: {was:02x?}\nbecomes {is:02x?}\nby {text}"));
        }
    }
    if again.len() != bytes.len() {
        return Err(format!("{name}: {} bytes become {}", bytes.len(), again.len()));
    }
    Ok(())
}
