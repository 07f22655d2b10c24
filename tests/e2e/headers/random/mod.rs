//! Random headers against real compilers: the header reader gives every record, member and constant
//! the values that the ABI's compiler gives it.
//!
//! `CWIRE_RANDOM_HEADERS` says how many headers per ABI, half of them C++ (default 500),
//! `CWIRE_RANDOM_SEED` which; `CWIRE_RANDOM_ABI` picks one ABI by its triple. A header that the
//! compiler refuses is counted and left out. Where answers differ, the header is made small and
//! shown.

mod answer;
mod compiler;
mod generate;
mod ours;
pub(crate) mod rng;
mod shrink;
pub(crate) mod target;

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use cwire_header::Lang;
use cwire_layout::abi::Abi;

use generate::Header;
use target::Target;

/// Headers of one translation unit.
const BATCH: usize = 50;

/// Threads that compile and compare.
const THREADS: usize = 2;

/// Headers that are made small and shown; further ones are only counted.
const MOST_SHOWN: usize = 16;

#[derive(Default)]
struct Counts {
    headers: usize,
    refused: usize,
    records: usize,
    members: usize,
    constants: usize,
    mismatches: usize,
}

struct Unit {
    target: usize,
    lang: Lang,
    first: usize,
    count: usize,
}

pub(crate) fn number(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} is a number")),
        Err(_) => default,
    }
}

fn units(targets: &[Target], headers: usize) -> Vec<Unit> {
    let mut units = Vec::new();
    for target in 0..targets.len() {
        for (lang, total) in [(Lang::C, headers.div_ceil(2)), (Lang::Cxx, headers / 2)] {
            for first in (0..total).step_by(BATCH) {
                units.push(Unit { target, lang, first, count: BATCH.min(total - first) });
            }
        }
    }
    units
}

#[test]
fn random_headers_equal_every_compiler() {
    let headers = usize::try_from(number("CWIRE_RANDOM_HEADERS", 500)).unwrap();
    let seed = number("CWIRE_RANDOM_SEED", 1);
    let mut targets = Target::all();
    if let Ok(triple) = std::env::var("CWIRE_RANDOM_ABI") {
        targets.retain(|target| target.abi.triple() == triple);
        assert!(!targets.is_empty(), "CWIRE_RANDOM_ABI names no ABI: {triple}");
    }
    let units = units(&targets, headers);
    let counts: Vec<Mutex<Counts>> = targets.iter().map(|_| Mutex::default()).collect();
    let shown = AtomicUsize::new(0);
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (targets, units, counts, shown, next) = (&targets, &units, &counts, &shown, &next);
            let work = move || {
                let dir = Path::new(env!("CARGO_TARGET_TMPDIR"))
                    .join(format!("random-headers-{}-{thread}", std::process::id()));
                while let Some(unit) = units.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = compare(&targets[unit.target], unit, seed, &dir, shown);
                    add(&mut counts[unit.target].lock().unwrap(), &found);
                }
                drop(std::fs::remove_dir_all(dir));
            };
            let thread = std::thread::Builder::new().stack_size(16 << 20);
            thread.spawn_scoped(scope, work).unwrap();
        }
    });
    let mut all = Counts::default();
    for (target, counts) in targets.iter().zip(counts) {
        let counts = counts.into_inner().unwrap();
        eprintln!("{:30} {}", target.abi.triple(), describe(&counts));
        add(&mut all, &counts);
    }
    eprintln!("seed {seed}: {}", describe(&all));
    assert!(all.refused * 50 <= all.headers + all.refused, "compilers refuse too many headers");
    assert_eq!(all.mismatches, 0, "see above");
}

fn add(sum: &mut Counts, counts: &Counts) {
    sum.headers += counts.headers;
    sum.refused += counts.refused;
    sum.records += counts.records;
    sum.members += counts.members;
    sum.constants += counts.constants;
    sum.mismatches += counts.mismatches;
}

fn describe(counts: &Counts) -> String {
    let Counts { headers, refused, records, members, constants, mismatches } = counts;
    format!(
        "{headers} headers, {records} records, {members} members, {constants} constants; {refused} refused by the compiler, {mismatches} mismatches"
    )
}

fn compare(target: &Target, unit: &Unit, seed: u64, dir: &Path, shown: &AtomicUsize) -> Counts {
    let cxx = u64::from(unit.lang == Lang::Cxx);
    let headers: Vec<Header> = (unit.first..unit.first + unit.count)
        .map(|index| {
            let abi = Abi::ALL.iter().position(|abi| *abi == target.abi).unwrap();
            let mix = [seed, abi as u64, cxx, index as u64];
            let mixed = mix.iter().fold(0, |sum, &part| rng::Random::new(sum ^ part).next());
            generate::header(target, unit.lang, mixed, &format!("h{index}"))
        })
        .collect();
    let mut counts = Counts::default();
    let Some(answers) = compiler::ask(target, unit.lang, &headers, dir) else { return counts };
    for (header, theirs) in headers.iter().zip(&answers.headers) {
        let theirs = match theirs {
            Ok(theirs) => theirs,
            Err(error) => {
                counts.refused += 1;
                if std::env::var_os("CWIRE_RANDOM_REFUSED").is_some() {
                    eprintln!("{} {:?}: {error}", target.abi.triple(), unit.lang);
                }
                continue;
            }
        };
        counts.headers += 1;
        counts.records += theirs.records.len();
        counts.members += answer::compared(theirs);
        counts.constants += theirs.constants.len();
        let mine = ours::ask(target.abi, unit.lang, header);
        let found = answer::differences(header, &mine, theirs);
        counts.mismatches += found.len();
        let Some(first) = found.first() else { continue };
        if shown.fetch_add(1, Ordering::Relaxed) < MOST_SHOWN {
            let (small, difference) = shrink::shrink(target, unit.lang, header, first, dir);
            eprintln!(
                "---- {} {:?} {}\n{}{}\n",
                target.abi.triple(),
                unit.lang,
                header.prefix,
                small.text,
                difference.text
            );
        }
    }
    counts
}
