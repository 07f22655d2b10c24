//! A C program that fills structs with values, writes their memory, and prints what it reads in them.

use std::fmt::Write as _;

use cwire_header::Lang;

use super::model::{Body, Header, Kind, Member, Record, Scalar, Ty};

/// Values of each record that the program writes.
pub(super) const INSTANCES: usize = 6;

/// Random numbers, and one printer for every kind of scalar. All are printed as integers: a `double` as its
/// bits, text as the numbers of its characters.
const PRELUDE: &str = r#"
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state;

static uint64_t next(void) {
    uint64_t z = (state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Often the ends of some width. */
static uint64_t pick(void) {
    uint64_t r = next();
    switch (r % 8) {
    case 0: return 0;
    case 1: return 1;
    case 2: return ~(uint64_t)0;
    case 3: return (uint64_t)1 << (r >> 8) % 64;
    case 4: return ((uint64_t)1 << (r >> 8) % 64) - 1;
    default: return next();
    }
}

static double pick_double(void) {
    static const double some[] = {0.0, -0.0, 1.0, 0.1, -2.5, 1e300, 5e-324, 3.4028235e38, 1.0 / 3,
                                  1e15, 1e16, 1e21, 1e22, 123456.789, 9007199254740993.0};
    double d;
    uint64_t r = next();
    if (r % 3) return some[(r >> 8) % (sizeof some / sizeof *some)];
    r = next();
    memcpy(&d, &r, sizeof d);
    return d;
}

static float pick_float(void) {
    float f;
    uint32_t r = (uint32_t)next();
    if (r % 3) return (float)pick_double();
    r = (uint32_t)next();
    memcpy(&f, &r, sizeof f);
    return f;
}

static void fill_random(void *at, size_t size) {
    unsigned char *p = (unsigned char *)at;
    while (size--) *p++ = (unsigned char)(next() >> 24);
}

/* Text that ends before the end of its array, fills it, or is not UTF-8. */
static void fill_text(char *at, size_t size) {
    static const char *const some[] = {"hello", "", "a \"quoted\" \\ line\n", "\xc3\xa9t\xc3\xa9",
                                       "\xed\x95\x9c\xea\xb8\x80", "\xf0\x9f\x98\x80", "\xff\xfe", "\xe2\x82"};
    uint64_t r = next();
    if (r % 4 == 0) { fill_random(at, size); return; }
    memset(at, 0, size);
    if (r % 4 == 1) {
        for (size_t i = 0; i < size; i++) at[i] = (char)('a' + next() % 26);
        return;
    }
    const char *text = some[(r >> 8) % (sizeof some / sizeof *some)];
    size_t len = strlen(text);
    memcpy(at, text, len < size ? len : size);
}

static FILE *out;

static void print_uint(unsigned long long n) { fprintf(out, "%llu", n); }
static void print_int(long long n) { fprintf(out, "%lld", n); }
#define INT(x) ((x) < 0 ? print_int((long long)(x)) : print_uint((unsigned long long)(x)))

#ifdef __SIZEOF_INT128__
static void print_uint128(unsigned __int128 n) {
    char digits[40];
    int at = 39;
    digits[at] = 0;
    do { digits[--at] = (char)('0' + (int)(n % 10)); n /= 10; } while (n);
    fputs(digits + at, out);
}
static void print_int128(__int128 n) {
    if (n < 0) { putc('-', out); print_uint128(-(unsigned __int128)n); }
    else print_uint128((unsigned __int128)n);
}
#endif

static void print_double(double d) {
    uint64_t bits;
    memcpy(&bits, &d, sizeof bits);
    fprintf(out, "%llu", (unsigned long long)bits);
}
#define COMPLEX(x) \
    (putc('[', out), print_double((double)__real__(x)), putc(',', out), print_double((double)__imag__(x)), putc(']', out))
"#;

/// The program for some headers, whose files are included.
pub(super) fn source(headers: &[Header], seed: u64) -> String {
    let mut c = String::from(PRELUDE);
    for header in headers {
        writeln!(c, "#include \"{}.h\"", header.prefix).unwrap();
    }
    for header in headers {
        for record in &header.records {
            functions(header, record, &mut c);
        }
    }
    c.push_str("int main(void) {\n");
    writeln!(c, "state = {seed}u;").unwrap();
    for record in headers.iter().flat_map(|header| &header.records) {
        writeln!(c, "run_{}();", record.name).unwrap();
    }
    c.push_str("return 0;\n}\n");
    c
}

/// Bytes of one message: the struct, and what its flexible array needs beyond it.
fn size(record: &Record) -> String {
    let Record { spelling, body, tail, .. } = record;
    match (tail, body.members.last()) {
        (Some(len), Some(member)) => {
            // At least the struct: `sizeof` may reach beyond the elements.
            let name = &member.name;
            let needed = format!(
                "__builtin_offsetof({spelling}, {name}) + {len} * sizeof((({spelling} *)0)->{name}[0])"
            );
            format!("({needed} > sizeof({spelling}) ? {needed} : sizeof({spelling}))")
        }
        _ => format!("sizeof({spelling})"),
    }
}

fn functions(header: &Header, record: &Record, c: &mut String) {
    let Record { name, spelling, body, .. } = record;
    let size = size(record);
    writeln!(c, "static void fill_{name}({spelling} *r) {{").unwrap();
    let mut writer = Code { header, c, depth: 0 };
    writer.fill_body("(*r)", body);
    writeln!(c, "}}\nstatic void show_{name}(const {spelling} *r, size_t size) {{\n(void)size;")
        .unwrap();
    let mut writer = Code { header, c, depth: 0 };
    writer.show_record(record);
    writeln!(
        c,
        "}}
static void run_{name}(void) {{
    size_t size = {size};
    {spelling} *r = ({spelling} *)malloc(size + 1);
    FILE *raw = fopen(\"{name}.bin\", \"wb\");
    out = fopen(\"{name}.values\", \"w\");
    for (int i = 0; i < {INSTANCES}; i++) {{
        if (i == {INSTANCES} - 1) memset(r, 0, size); else fill_random(r, size);
        if (i >= 2) fill_{name}(r);
        fwrite(r, 1, size, raw);
        show_{name}(r, size);
        putc('\\n', out);
    }}
    fclose(raw);
    fclose(out);
    free(r);
}}"
    )
    .unwrap();
}

struct Code<'a> {
    header: &'a Header,
    c: &'a mut String,
    depth: usize,
}

impl Code<'_> {
    fn line(&mut self, text: &str) {
        self.c.push_str(text);
        self.c.push('\n');
    }

    fn fill_body(&mut self, path: &str, body: &Body) {
        let header = self.header;
        let members = header.members(body);
        if body.is_union {
            // One of them, or the others' bytes would be written over.
            self.line(&format!("switch (next() % {}) {{", members.len().max(1)));
            for (index, member) in members.iter().enumerate() {
                self.line(&format!("case {index}: {{"));
                self.fill_member(path, member);
                self.line("break; }");
            }
            self.line("}");
        } else {
            for member in &members {
                self.fill_member(path, member);
            }
        }
    }

    fn fill_member(&mut self, path: &str, member: &Member) {
        let path = format!("{path}.{}", member.name);
        match (&member.ty, member.bits) {
            (Ty::Enum(index), Some(_)) => self.fill_enum(&path, *index),
            (Ty::Scalar(_), Some(_)) => self.line(&format!("{path} = pick();")),
            (ty, _) => self.fill(&path, ty),
        }
    }

    fn fill_enum(&mut self, path: &str, index: usize) {
        let Some(wanted) = self.header.enums.get(index) else { return };
        let values: Vec<_> = wanted.values.iter().map(|(name, _)| name.clone()).collect();
        self.line(&format!(
            "{{ static const {0} some[] = {{{1}}}; {path} = some[next() % {2}]; }}",
            wanted.spelling,
            values.join(", "),
            values.len(),
        ));
    }

    fn fill(&mut self, path: &str, ty: &Ty) {
        match ty {
            Ty::Scalar(scalar) => self.fill_scalar(path, *scalar),
            Ty::Enum(index) => self.fill_enum(path, *index),
            Ty::Record(index) => {
                let header = self.header;
                self.fill_body(path, &header.records[*index].body);
            }
            Ty::Body(body) => self.fill_body(path, body),
            Ty::Array(element, len) => match **element {
                Ty::Scalar(Scalar { kind: Kind::Char, .. }) => {
                    self.line(&format!("fill_text((char *)&{path}, {len});"));
                }
                _ => self.each(path, *len, |code, path| code.fill(path, element)),
            },
            Ty::Vector(scalar, len) => {
                let scalar = *scalar;
                self.each(path, *len, |code, path| {
                    code.line(&format!("{path} = ({})pick();", scalar.c))
                });
            }
        }
    }

    fn fill_scalar(&mut self, path: &str, scalar: Scalar) {
        let c = scalar.c;
        let value = match scalar.kind {
            Kind::Bool => "pick() & 1".to_owned(),
            Kind::Char | Kind::Wide | Kind::Signed | Kind::Unsigned => format!("({c})pick()"),
            Kind::Wide128 { .. } => format!("({c})((unsigned __int128)pick() << 64 | pick())"),
            Kind::Pointer => format!("({c})(uintptr_t)pick()"),
            Kind::Half => "(_Float16)(float)pick_double()".to_owned(),
            // Through memory: a signalling NaN is quieted in a register of the x87.
            Kind::Float => {
                return self.line(&format!(
                    "{{ float f = pick_float(); memcpy(&{path}, &f, sizeof f); }}"
                ));
            }
            Kind::Double => {
                return self.line(&format!(
                    "{{ double f = pick_double(); memcpy(&{path}, &f, sizeof f); }}"
                ));
            }
            Kind::Longer => format!("({c})pick_double() / 3"),
            Kind::ComplexFloat | Kind::ComplexDouble | Kind::ComplexLonger => {
                self.line(&format!("__real__({path}) = pick_float();"));
                return self.line(&format!("__imag__({path}) = pick_float();"));
            }
        };
        self.line(&format!("{path} = {value};"));
    }

    fn each(&mut self, path: &str, len: usize, body: impl FnOnce(&mut Self, &str)) {
        let index = format!("i{}", self.depth);
        self.depth += 1;
        self.line(&format!("for (int {index} = 0; {index} < {len}; {index}++) {{"));
        body(self, &format!("{path}[{index}]"));
        self.line("}");
        self.depth -= 1;
    }

    fn show_record(&mut self, record: &Record) {
        self.show_body("(*r)", &record.body, record.tail.map(|_| record));
    }

    fn show_body(&mut self, path: &str, body: &Body, tailed: Option<&Record>) {
        let header = self.header;
        self.line("putc('{', out);");
        let members = header.members(body);
        for (index, member) in members.iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            self.line(&format!("fputs(\"{comma}\\\"{}\\\":\", out);", member.name));
            let path = format!("{path}.{}", member.name);
            let is_last = index + 1 == members.len();
            match (&member.ty, member.bits, tailed) {
                (Ty::Enum(index), ..) => self.show_enum(&path, *index),
                (_, Some(_), _) => self.line(&format!("INT({path});")),
                (Ty::Array(element, _), _, Some(record)) if is_last => {
                    self.show_tail(&path, &member.name, element, record);
                }
                (ty, ..) => self.show(&path, ty),
            }
        }
        self.line("putc('}', out);");
    }

    /// As many elements as the message has room for.
    fn show_tail(&mut self, path: &str, name: &str, element: &Ty, record: &Record) {
        let spelling = &record.spelling;
        let len = format!(
            "(int)((size - __builtin_offsetof({spelling}, {name})) / sizeof((({spelling} *)0)->{name}[0]))"
        );
        self.show_list(path, &len, element);
    }

    fn show_list(&mut self, path: &str, len: &str, element: &Ty) {
        let index = format!("i{}", self.depth);
        self.depth += 1;
        self.line("putc('[', out);");
        self.line(&format!("for (int {index} = 0; {index} < {len}; {index}++) {{"));
        self.line(&format!("if ({index}) putc(',', out);"));
        self.show(&format!("{path}[{index}]"), element);
        self.line("}\nputc(']', out);");
        self.depth -= 1;
    }

    fn show(&mut self, path: &str, ty: &Ty) {
        match ty {
            Ty::Scalar(scalar) => self.show_scalar(path, *scalar),
            Ty::Enum(index) => self.show_enum(path, *index),
            Ty::Record(index) => {
                let header = self.header;
                self.show_body(path, &header.records[*index].body, None);
            }
            Ty::Body(body) => self.show_body(path, body, None),
            Ty::Array(element, len) => self.show_list(path, &len.to_string(), element),
            Ty::Vector(scalar, len) => {
                self.show_list(path, &len.to_string(), &Ty::Scalar(*scalar));
            }
        }
    }

    fn show_enum(&mut self, path: &str, index: usize) {
        let spelling = &self.header.enums[index].spelling;
        let cast = match self.header.lang {
            Lang::C => String::new(),
            Lang::Cxx => format!("(__underlying_type({spelling}))"),
        };
        self.line(&format!("INT({cast}{path});"));
    }

    fn show_scalar(&mut self, path: &str, scalar: Scalar) {
        let text = match scalar.kind {
            // The byte: C says nothing of a `_Bool` that holds 2.
            Kind::Bool => format!("print_uint(*(const unsigned char *)&{path});"),
            Kind::Char => format!("print_uint((unsigned char){path});"),
            Kind::Wide => match scalar.c {
                "char16_t" => format!("print_uint((uint16_t){path});"),
                _ => format!(
                    "print_uint(sizeof({path}) == 2 ? (uint16_t){path} : (uint32_t){path});"
                ),
            },
            Kind::Signed | Kind::Unsigned => format!("INT({path});"),
            Kind::Wide128 { signed: true } => format!("print_int128({path});"),
            Kind::Wide128 { signed: false } => format!("print_uint128({path});"),
            Kind::Pointer => format!("print_uint((uintptr_t){path});"),
            Kind::Half | Kind::Float | Kind::Double | Kind::Longer => {
                format!("print_double((double){path});")
            }
            Kind::ComplexFloat | Kind::ComplexDouble | Kind::ComplexLonger => {
                format!("COMPLEX({path});")
            }
        };
        self.line(&text);
    }
}
