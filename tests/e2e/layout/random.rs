//! Random records against real compilers: offsets, sizes and alignments under every rule.

use std::fmt::Write as _;

use cwire_codec::abi::{Abi, BitFieldRule, Scalar};
use cwire_layout::TypeLayout;
use cwire_layout::place::{Member, Place, Placer, RecordAttrs};

use super::compiler::{Compiler, PRELUDE};

/// Records per ABI, unless `CWIRE_RANDOM_RECORDS` says another number.
const RECORDS: usize = 400;

/// Records of one translation unit.
const UNIT: usize = 400;

/// SplitMix64: seeds that are next to each other still give unlike numbers (Steele, Lea and Flood,
/// "Fast Splittable Pseudorandom Number Generators").
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.below(of.len() as u64)).unwrap()]
    }
}

/// C scalar types, and whether a bit-field can have them.
const SCALARS: [(&str, Scalar, bool); 17] = [
    ("signed char", Scalar::Char, true),
    ("unsigned char", Scalar::Char, true),
    ("short", Scalar::Short, true),
    ("unsigned short", Scalar::Short, true),
    ("int", Scalar::Int, true),
    ("unsigned", Scalar::Int, true),
    ("long", Scalar::Long, true),
    ("unsigned long", Scalar::Long, true),
    ("long long", Scalar::LongLong, true),
    ("unsigned long long", Scalar::LongLong, true),
    ("_Bool", Scalar::Bool, true),
    ("float", Scalar::Float, false),
    ("double", Scalar::Double, false),
    ("void *", Scalar::Pointer, false),
    ("size_t", Scalar::Size, true),
    ("wchar_t", Scalar::WChar, true),
    ("char", Scalar::Char, true),
];

/// A record in C, and what the placer makes of it.
struct Sample {
    name: String,
    declaration: String,
    layout: TypeLayout,
    /// Named members, and whether they are bit-fields.
    members: Vec<(String, Place, bool)>,
}

impl Sample {
    fn new(random: &mut Random, abi: &Abi, index: usize, earlier: &[Self]) -> Self {
        let name = format!("r{index}");
        let pack = random.one_in(5).then(|| random.pick(&[1, 2, 4, 8, 16]));
        let packed = random.one_in(6);
        // cl.exe keeps `__declspec(align(2))` apart from a larger alignment that the members bring
        // along, clang does not: what it says of such records does not count.
        let least = if matches!(abi.bit_field_rule(), BitFieldRule::Msvc) { 3 } else { 0 };
        let align = random.one_in(8).then(|| 1 << (least + random.below(6 - least)));
        let mut attrs = RecordAttrs { pack, packed, align, ..RecordAttrs::NONE };
        let mut placer = Placer::new(*abi, attrs);
        let mut body = String::new();
        let mut members = Vec::new();
        let mut described = Vec::new();
        for member in 0..1 + random.below(7) {
            let field = format!("m{member}");
            let (declaration, bit_field, named, member) =
                random_member(random, abi, &field, earlier);
            writeln!(body, "  {declaration};").unwrap();
            let place = placer.push(&member).unwrap();
            described.push(member);
            if named {
                members.push((field, place, bit_field));
            }
        }
        // Where clang is not cl.exe: a record that asks for less than its alignment, inside
        // `#pragma pack`. The unit tests of `place` have that case.
        if abi.bit_field_rule() == BitFieldRule::Msvc
            && attrs.align.is_some_and(|align| placer.finish().unwrap().align > align)
        {
            attrs.align = None;
            placer = Placer::new(*abi, attrs);
            for member in &described {
                placer.push(member).unwrap();
            }
        }
        let mut attributes = String::new();
        if packed {
            attributes.push_str(" __attribute__((packed))");
        }
        if let Some(align) = attrs.align {
            write!(attributes, " __attribute__((aligned({align})))").unwrap();
        }
        let mut declaration = format!("struct {name} {{\n{body}}}{attributes};");
        if let Some(pack) = pack {
            declaration = format!("#pragma pack(push, {pack})\n{declaration}\n#pragma pack(pop)");
        }
        Self { name, declaration, layout: placer.finish().unwrap(), members }
    }

    /// The constants that tell where the members are.
    fn constants(&self, c: &mut String) {
        let name = &self.name;
        write!(c, "extern const uint64_t numbers_{name}[] = {{ SIZE_ALIGN(struct {name})").unwrap();
        for (member, ..) in self.members.iter().filter(|(_, _, bit_field)| !bit_field) {
            write!(c, ", PLACE(struct {name}, {member})").unwrap();
        }
        writeln!(c, " }};").unwrap();
        for (member, ..) in self.members.iter().filter(|(_, _, bit_field)| *bit_field) {
            writeln!(c, "extern const struct {name} bits_{name}_{member} = {{ .{member} = -1 }};")
                .unwrap();
        }
    }
}

/// A member: how C declares it, whether it is a bit-field, whether it has a name, and how the
/// placer takes it.
fn random_member(
    random: &mut Random,
    abi: &Abi,
    field: &str,
    earlier: &[Sample],
) -> (String, bool, bool, Member) {
    if random.one_in(2) {
        let (ty, scalar, _) = loop {
            let scalar = random.pick(&SCALARS);
            if scalar.2 {
                break scalar;
            }
        };
        let layout = abi.scalar(scalar);
        let max = if ty == "_Bool" { 1 } else { layout.size * 8 };
        let width = u32::try_from(random.below(max) + 1).unwrap();
        let member = Member::new(layout);
        return match random.below(12) {
            0 => (format!("{ty} : 0"), true, false, member.bits(0).unnamed()),
            1 => (format!("{ty} : {width}"), true, false, member.bits(width).unnamed()),
            _ => (format!("{ty} {field} : {width}"), true, true, member.bits(width)),
        };
    }
    let (ty, mut layout) = if !earlier.is_empty() && random.one_in(6) {
        let record = &earlier[usize::try_from(random.below(earlier.len() as u64)).unwrap()];
        (format!("struct {}", record.name), record.layout)
    } else {
        let (ty, scalar, _) = random.pick(&SCALARS);
        (ty.to_owned(), abi.scalar(scalar))
    };
    let mut declaration = format!("{ty} {field}");
    // MSVC's records without bytes may be no multiple of their alignment; it has no arrays of them.
    if random.one_in(5) && layout.size.is_multiple_of(layout.align) {
        let len = random.below(6);
        write!(declaration, "[{len}]").unwrap();
        layout = layout.array(len).unwrap();
    }
    let mut member = Member::new(layout);
    if random.one_in(8) {
        let align = random.pick(&[1, 2, 4, 8, 16]);
        write!(declaration, " __attribute__((aligned({align})))").unwrap();
        member = member.aligned(align);
    }
    (declaration, false, true, member)
}

/// Compares random records with a compiler and returns how many members were compared; `None` if
/// the compiler is not installed.
fn compare(compiler: &Compiler, abi: &Abi, seed: u64, count: usize) -> Option<usize> {
    let mut random = Random(seed);
    let mut samples: Vec<Sample> = Vec::new();
    for index in 0..count {
        let near = samples.len().saturating_sub(10);
        samples.push(Sample::new(&mut random, abi, index, &samples[near..]));
    }
    let mut c = String::from(PRELUDE);
    for sample in &samples {
        writeln!(c, "{}", sample.declaration).unwrap();
        sample.constants(&mut c);
    }
    let object = compiler.compile(&format!("random-{seed}"), &c)?;

    let mut compared = 0;
    for Sample { name, declaration, layout, members } in &samples {
        let plain = members.iter().filter(|(_, _, bit_field)| !bit_field).count();
        let mut numbers = object.numbers(&format!("numbers_{name}"), 2 + 2 * plain).into_iter();
        let mut next = || numbers.next().unwrap();
        let (size, align) = (next(), next());
        let expected: Vec<_> = members
            .iter()
            .map(|(member, _, bit_field)| {
                let (offset_bits, size_bits) = if *bit_field {
                    object.bit_field(&format!("bits_{name}_{member}"), size)
                } else {
                    (next() * 8, next() * 8)
                };
                (member, Place { offset_bits, size_bits })
            })
            .collect();
        let ours: Vec<_> = members.iter().map(|(member, place, _)| (member, *place)).collect();
        assert_eq!(
            (layout.size, layout.align, &ours),
            (size, align, &expected),
            "ours and {}'s, on {}:\n{}",
            compiler.version(),
            abi.triple(),
            with_members(declaration, &samples),
        );
        compared += members.len();
    }
    Some(compared)
}

/// A declaration, and those of the records that are members of it.
fn with_members(declaration: &str, samples: &[Sample]) -> String {
    let mut all = String::new();
    for sample in samples {
        if declaration.contains(&format!("  struct {} ", sample.name)) {
            all.push_str(&with_members(&sample.declaration, samples));
        }
    }
    all + declaration + "\n"
}

#[test]
fn random_records_equal_every_compiler() {
    let records = match std::env::var("CWIRE_RANDOM_RECORDS") {
        Ok(number) => number.parse().expect("CWIRE_RANDOM_RECORDS is a number"),
        Err(_) => RECORDS,
    };
    for abi in &Abi::ALL {
        let compiler = Compiler::authority(abi);
        let mut compared = 0;
        for unit in 0..records.div_ceil(UNIT) {
            let seed = unit as u64;
            match compare(&compiler, abi, seed, UNIT.min(records - unit * UNIT)) {
                Some(members) => compared += members,
                None => break,
            }
        }
        eprintln!("{}: {compared} members of {records} records", abi.triple());
    }
}
