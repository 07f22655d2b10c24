//! Runs contestants in turn and compares their medians.
//!
//! Machines are noisy: other programs, frequencies and caches change over seconds. What is compared
//! here therefore runs in rounds, each contestant once per round and first in turn, and what counts
//! is the ratio of medians over the rounds. Criterion runs one contestant to its end before the
//! next begins, which puts such a change into the ratio.

#![warn(missing_docs)]

pub mod cpp;
pub mod process;

use std::time::Instant;

use clap::Parser;

/// Command line of a benchmark.
#[derive(Clone, Debug, Parser)]
pub struct Options {
    /// Rounds; the median over them is shown.
    #[arg(long, default_value_t = 15)]
    pub rounds: usize,
    /// One short round, to see that everything runs and all contestants agree.
    #[arg(long)]
    pub smoke: bool,
    /// Only what has this in its name.
    pub filter: Option<String>,
    /// What `cargo bench` passes to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

impl Options {
    /// Rounds to run.
    #[must_use]
    pub fn rounds(&self) -> usize {
        if self.smoke { 1 } else { self.rounds }
    }

    /// Whether the benchmark of this name is asked for.
    #[must_use]
    pub fn wants(&self, name: &str) -> bool {
        self.filter.as_ref().is_none_or(|filter| name.contains(filter))
    }
}

/// What one contestant measured in one round.
#[derive(Clone, Copy, Debug)]
pub struct Measured {
    /// The quantity, in the table's unit.
    pub value: f64,
    /// What was computed, which is the same for all contestants.
    pub result: i64,
}

/// A contestant: its name, and what measures it once.
pub type Contestant<'a> = (&'static str, Box<dyn FnMut() -> Measured + 'a>);

/// A contestant that runs `work` `passes` times over `records` records; in ns per record.
pub fn timed<'a>(
    name: &'static str,
    passes: usize,
    records: usize,
    mut work: impl FnMut() -> i64 + 'a,
) -> Contestant<'a> {
    let measure = move || {
        let start = Instant::now();
        let mut result = 0;
        for _ in 0..passes {
            result = work();
        }
        let value = start.elapsed().as_secs_f64() * 1e9 / (passes * records) as f64;
        Measured { value, result }
    };
    (name, Box::new(measure))
}

/// Runs the contestants in rounds and prints a table: median, smallest value, and the ratio of the
/// median to that of the first contestant.
///
/// # Panics
///
/// Two contestants computed different results.
pub fn compare(options: &Options, title: &str, unit: &str, contestants: Vec<Contestant<'_>>) {
    let several = contestants.into_iter().map(|(name, mut measure)| -> SeveralContestant<'_, 1> {
        (name, Box::new(move || [measure()]))
    });
    compare_several(options, [(title, unit)], several.collect());
}

/// A contestant that measures several quantities at once.
pub type SeveralContestant<'a, const N: usize> =
    (&'static str, Box<dyn FnMut() -> [Measured; N] + 'a>);

/// Like [`compare`], with a table (title and unit) for each of the quantities.
///
/// # Panics
///
/// Two contestants computed different results.
pub fn compare_several<const N: usize>(
    options: &Options,
    tables: [(&str, &str); N],
    mut contestants: Vec<SeveralContestant<'_, N>>,
) {
    let count = contestants.len();
    let mut values = vec![[const { Vec::new() }; N]; count];
    let mut results = None;
    // One round more than is counted: the first warms caches and page tables.
    for round in 0..=options.rounds() {
        for turn in 0..count {
            let index = (round + turn) % count;
            let (name, measure) = &mut contestants[index];
            let measured = measure();
            let computed = measured.map(|measured| measured.result);
            let expected = *results.get_or_insert(computed);
            assert_eq!(computed, expected, "{}: {name} computes something else", tables[0].0);
            if round > 0 {
                for (values, measured) in values[index].iter_mut().zip(measured) {
                    values.push(measured.value);
                }
            }
        }
    }
    for (table, (title, unit)) in tables.into_iter().enumerate() {
        println!("\n{title}, {unit}, {} rounds", options.rounds());
        let medians: Vec<_> = values.iter_mut().map(|values| median(&mut values[table])).collect();
        for (index, (name, _)) in contestants.iter().enumerate() {
            let least = values[index][table].first().copied().unwrap_or(f64::NAN);
            let ratio = medians[index] / medians[0];
            println!(
                "  {name:<28} {:>9.2}  least {least:>9.2}  ratio {ratio:>6.2}",
                medians[index]
            );
        }
    }
}

/// The median; sorts the values.
fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
