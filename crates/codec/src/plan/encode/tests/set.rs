//! Single fields of a record, against the bytes that assignments in C leave.

use std::io::Write as _;
use std::process::Stdio;

use super::*;
use crate::expr::tests::{header, record};

const HEADER: &str = r"
enum side { BUY, SELL = 5 };
struct leg { short lots; double price; };
struct order {
    char kind;
    unsigned venue : 5, urgent : 1;
    int : 0;
    signed char level : 3;
    enum side side;
    struct leg legs[3];
    char symbol[8];
    union { long long whole; struct { int low, high; }; };
    _Bool open;
    float ratio;
    int matrix[2][3];
};";

/// What is assigned in C, and the path and value of the same.
fn assignments() -> Vec<(&'static str, &'static str, Value)> {
    vec![
        ("kind = 'Q'", "kind", Value::Int(81)),
        ("kind = 'x'", "kind", Value::Text("x".into())),
        ("venue = 19", "venue", Value::Int(19)),
        ("urgent = 1", "urgent", Value::Int(1)),
        ("level = -3", "level", Value::Int(-3)),
        ("side = SELL", "side", Value::Text("SELL".into())),
        ("side = (enum side)3", "side", Value::Int(3)),
        ("legs[2].price = -0.25", "legs[2].price", Value::Float64(-0.25)),
        ("legs[0].lots = -300", "legs[0].lots", Value::Int(-300)),
        ("legs[1].price = 7", "legs[1].price", Value::Int(7)),
        ("whole = -2", "whole", Value::Int(-2)),
        ("high = 77", "high", Value::Int(77)),
        ("open = 1", "open", Value::Bool(true)),
        ("ratio = 1.5f", "ratio", Value::Float32(1.5)),
        ("matrix[1][2] = 9", "matrix[1][2]", Value::Int(9)),
    ]
}

#[test]
fn a_field_is_set_as_c_assigns_it() {
    let Some(mut compiler) = cwire_tests::tool("gcc") else { return };
    let mut program =
        format!("#include <stdio.h>\n#include <string.h>\n{HEADER}\nint main(void) {{\n");
    program += "    struct order o;\n    unsigned char *bytes = (unsigned char *)&o;\n";
    program += "    memset(&o, 0xee, sizeof o);\n";
    let mut steps: Vec<_> = assignments().iter().map(|(c, ..)| format!("o.{c}")).collect();
    steps.push("memset(o.symbol, 0, sizeof o.symbol); strcpy(o.symbol, \"AB\")".into());
    for step in &steps {
        program += &format!("    {step};\n    for (size_t k = 0; k < sizeof o; k++) ");
        program += "printf(\"%02x\", bytes[k]);\n    puts(\"\");\n";
    }
    program += "}\n";
    let folder = std::env::temp_dir().join(format!("cwire-codec-set-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let binary = folder.join("set");
    compiler.args(["-std=c11", "-w", "-x", "c", "-", "-o"]).arg(&binary);
    let mut child = compiler.stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(program.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    let output = cwire_tests::run(&mut std::process::Command::new(&binary));
    std::fs::remove_dir_all(&folder).unwrap();
    let text = String::from_utf8(output.stdout).unwrap();

    let header = header(HEADER, Abi::X86_64_LINUX);
    let order = record(&header.types, "order");
    let plan = Plan::new(&header.types, order, &PlanOptions::default()).unwrap();
    let mut frame = vec![0xee; plan.size()];
    let mut values: Vec<_> =
        assignments().into_iter().map(|(_, path, value)| (path, value)).collect();
    values.push(("symbol", Value::Text("AB".into())));
    assert_eq!(text.lines().count(), values.len());
    for ((path, value), line) in values.iter().zip(text.lines()) {
        assert!(plan.has_field(path));
        plan.set(&mut frame, path, value).unwrap();
        let hex: String = frame.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, line, "{path}");
    }
}

#[test]
fn what_cannot_be_set_is_refused_and_changes_nothing() {
    let header = header(HEADER, Abi::X86_64_LINUX);
    let order = record(&header.types, "order");
    let plan = Plan::new(&header.types, order, &PlanOptions::default()).unwrap();
    for (path, value, error) in [
        (
            "venue",
            Value::Int(32),
            "venue: 32 does not fit an unsigned field of 5 bits, at offset 0x1",
        ),
        ("price", Value::Int(1), "price: "),
        ("legs[3].price", Value::Int(1), "legs[3].price: needs an index below 3, found 3"),
        ("kind.x", Value::Int(1), "kind.x: needs a struct or union before the `.`"),
        ("kind[0]", Value::Int(1), "kind[0]: needs an array before the `[`"),
        ("matrix[x]", Value::Int(1), "matrix[x]: needs an index in brackets"),
        ("matrix[0", Value::Int(1), "matrix[0: needs an index in brackets"),
        ("matrix[0]1]", Value::Int(1), "matrix[0]1]: needs an index in brackets"),
        ("matrix[+1][0]", Value::Int(1), "matrix[+1][0]: needs an index in brackets"),
        ("", Value::Int(1), ""),
        ("kind", Value::Int(300), "kind: "),
        ("symbol", Value::Text("123456789".into()), "symbol: "),
        ("side", Value::Text("HOLD".into()), "side: "),
    ] {
        let mut frame = vec![0xee; plan.size()];
        let found = plan.set(&mut frame, path, &value).unwrap_err().to_string();
        assert!(found.starts_with(error), "{path}: {found}");
        assert_eq!(frame, vec![0xee; plan.size()]);
    }
    let found = plan.set(&mut vec![0; 20], "symbol", &Value::Text("A".into())).unwrap_err();
    assert!(found.to_string().contains("needs 72 bytes of room, 20 left"), "{found}");
}
