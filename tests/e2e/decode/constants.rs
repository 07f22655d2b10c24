//! Random constants, on every ABI: a compiler lays an initialised struct into an object file; `cwire
//! decode` reads the initialiser's values in it, and `cwire encode` makes the same bytes of them.
//!
//! Nothing has to run for that, so Windows and macOS are there too, and gcc's records in the other
//! byte order. `CWIRE_RANDOM_CONSTANTS` says how many headers per ABI (default 40).

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use cwire_header::Lang;
use cwire_layout::abi::{Abi, Endian};

use super::super::headers::random::number;
use super::super::headers::random::rng::Random;
use super::super::headers::random::target::Target;
use super::super::layout::compiler::Object;
use super::compare;
use super::generate::{self, Wanted};
use super::initial::{self, Initial};
use super::model::Header;
use super::route::Route;

/// Headers of one object file.
const BATCH: usize = 20;

/// Values of each record.
const INSTANCES: usize = 3;

struct Run {
    target: Target,
    /// gcc's records in big-endian order on a little-endian machine.
    swapped: bool,
}

fn runs() -> Vec<Run> {
    let swapped = |target: &Target| [Abi::X86_64_LINUX, Abi::I686_LINUX].contains(&target.abi);
    let all = Target::all().into_iter().map(|target| Run { target, swapped: false });
    let mut runs: Vec<_> = all.collect();
    let both = Target::all().into_iter().filter(swapped);
    runs.extend(both.map(|target| Run { target, swapped: true }));
    runs
}

#[test]
fn values_equal_those_that_compilers_initialise() {
    compare_all(false, usize::try_from(number("CWIRE_RANDOM_CONSTANTS", 40)).unwrap());
}

#[test]
fn the_program_prints_what_compilers_initialise() {
    compare_all(true, 3);
}

fn compare_all(by_program: bool, headers: usize) {
    let seed = number("CWIRE_RANDOM_SEED", 1);
    let runs = runs();
    let next = AtomicUsize::new(0);
    let (total, encoded) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let differences = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(run) = runs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    for first in (0..headers).step_by(BATCH) {
                        let last = headers.min(first + BATCH);
                        let found =
                            compare_batch(run, seed, by_program, first..last, &total, &encoded);
                        differences.lock().unwrap().extend(found);
                    }
                }
            });
        }
    });
    let differences = differences.into_inner().unwrap();
    eprintln!(
        "seed {seed}: {} values decoded, {} records encoded from values; {} differences",
        total.into_inner(),
        encoded.into_inner(),
        differences.len()
    );
    for difference in differences.iter().take(12) {
        eprintln!("---- {difference}");
    }
    assert!(differences.is_empty(), "see above");
}

/// A record's constants: their initialisers, and their bytes by the compiler.
struct Constants<'a> {
    header: &'a Header,
    record: usize,
    values: Vec<Initial>,
    bytes: Vec<u8>,
}

fn compare_batch(
    run: &Run,
    seed: u64,
    by_program: bool,
    range: std::ops::Range<usize>,
    total: &AtomicUsize,
    encoded: &AtomicUsize,
) -> Vec<String> {
    let target = &run.target;
    let triple = target.abi.triple();
    let abi = Abi::ALL.iter().position(|abi| *abi == target.abi).unwrap() as u64;
    let mixed = |index: usize| {
        let mix = [seed, abi, u64::from(run.swapped) + 2, index as u64];
        mix.iter().fold(0, |sum, &part| Random::new(sum ^ part).next())
    };
    let headers: Vec<Header> = range
        .map(|index| {
            let wanted = Wanted { target, lang: Lang::C, swapped: run.swapped };
            generate::header(wanted, mixed(index), &format!("h{index}"))
        })
        .collect();
    let name = format!("constants-{}-{triple}-{}-{by_program}", std::process::id(), run.swapped);
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&dir).unwrap();
    let mut random = Random::new(seed ^ abi);
    let mut differences = Vec::new();
    for constants in compile(run, &headers, &mut random, &dir).unwrap_or_default() {
        let route = Route {
            abi: target.abi,
            header: constants.header,
            record: &constants.header.records[constants.record],
            dir: &dir,
            endian: run.swapped.then_some(Endian::Big),
            by_program,
        };
        match compare_constants(&constants, &route, encoded) {
            Ok(values) => {
                total.fetch_add(values, Ordering::Relaxed);
            }
            Err(difference) => {
                let order = if run.swapped { " in big-endian order" } else { "" };
                differences
                    .push(format!("{triple}{order}\n{}{difference}\n", constants.header.text));
            }
        }
    }
    std::fs::remove_dir_all(dir).unwrap();
    differences
}

/// `None` where there is no compiler.
fn compile<'a>(
    run: &Run,
    headers: &'a [Header],
    random: &mut Random,
    dir: &Path,
) -> Option<Vec<Constants<'a>>> {
    let mut c = String::from("#include <stddef.h>\n#include <stdint.h>\n#include <stdbool.h>\n");
    if run.swapped {
        c.push_str("#pragma scalar_storage_order big-endian\n");
    }
    let mut all = Vec::new();
    let mut sizes = String::new();
    for header in headers {
        std::fs::write(dir.join(format!("{}.h", header.prefix)), &header.text).unwrap();
        writeln!(c, "#include \"{}.h\"", header.prefix).unwrap();
        for (index, record) in header.records.iter().enumerate() {
            if record.tail.is_some() {
                continue;
            }
            let mut value = || initial::record(header, record, &run.target.abi, random);
            let values: Vec<_> = (0..INSTANCES).map(|_| value()).collect();
            let (name, ty) = (&record.name, &record.spelling);
            for (at, value) in values.iter().enumerate() {
                // Without `const`, a compiler keeps it as it is.
                writeln!(c, "{ty} value_{name}_{at} = {};", value.c).unwrap();
            }
            write!(sizes, "sizeof({ty}), ").unwrap();
            all.push(Constants { header, record: index, values, bytes: Vec::new() });
        }
    }
    // Arrays of numbers keep the machine's order.
    writeln!(c, "extern const uint64_t sizes[];\nconst uint64_t sizes[] = {{ {sizes} 0 }};")
        .unwrap();
    let (compiler, flags) = run.target.program(Lang::C);
    std::fs::write(dir.join("constants.c"), &c).unwrap();
    let mut compile = cwire_tests::tool(compiler)?;
    compile.args(flags).args(["-w", "-c", "-ffreestanding", "-fno-common", "constants.c"]);
    // All bytes are in the file then.
    compile.arg("-fno-zero-initialized-in-bss");
    cwire_tests::run(compile.args(["-o", "constants.o"]).current_dir(dir));
    let object =
        Object::new(std::fs::read(dir.join("constants.o")).unwrap(), run.target.abi.endian());
    let sizes = object.numbers("sizes", all.len());
    for (constants, size) in all.iter_mut().zip(sizes) {
        let name = &constants.header.records[constants.record].name;
        for at in 0..INSTANCES {
            constants.bytes.extend(object.bytes(&format!("value_{name}_{at}"), size));
        }
    }
    all.retain(|constants| !constants.bytes.is_empty());
    Some(all)
}

fn compare_constants(
    constants: &Constants<'_>,
    route: &Route<'_>,
    encoded: &AtomicUsize,
) -> Result<usize, String> {
    let size = constants.bytes.len() / INSTANCES;
    let records = route.decode(&constants.bytes, size, false)?;
    if records.len() != INSTANCES {
        return Err(format!("{}: {} records are decoded", route.record.name, records.len()));
    }
    let mut leaves = 0;
    let bytes = constants.bytes.chunks(size);
    for ((value, ours), bytes) in constants.values.iter().zip(&records).zip(bytes) {
        leaves += compare::record(route.header, route.record, &value.values, ours)
            .map_err(|difference| format!("{difference}\nin {bytes:02x?}\nof {}", value.c))?;
        // A union with all its members is no value that somebody would write.
        let Some(json) = &value.json else { continue };
        let again = route.encode(std::slice::from_ref(json))?;
        encoded.fetch_add(1, Ordering::Relaxed);
        if again != bytes {
            let mut text = String::new();
            json.print(&mut text);
            return Err(format!("{text}\nis    {bytes:02x?}\ncwire {again:02x?}"));
        }
    }
    Ok(leaves)
}
