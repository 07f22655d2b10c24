//! The pictures.

use roxmltree::Document;
use serde_json::Value;

use crate::printed;

const ABIS: [&str; 4] = ["--abi", "x86_64-linux-gnu", "--abi", "i686-pc-windows-msvc"];

/// Text of the `<title>`s of cells.
fn cells(svg: &Document<'_>) -> Vec<String> {
    let cells =
        svg.descendants().filter(|node| node.has_tag_name(("http://www.w3.org/2000/svg", "g")));
    cells
        .filter_map(|cell| cell.children().find(|child| child.tag_name().name() == "title"))
        .filter_map(|title| title.text().map(str::to_owned))
        .collect()
}

#[test]
fn every_field_has_a_cell() {
    for header in ["members.h", "bits.h", "../../examples/quote.h"] {
        let text = printed(&["layout", header, "--no-included", "--svg", "-"]);
        let svg = Document::parse(&text).unwrap();
        let cells = cells(&svg);
        let json: Value =
            serde_json::from_str(&printed(&["layout", header, "--no-included", "--json"])).unwrap();
        for record in json["records"].as_array().unwrap() {
            for field in record["fields"].as_array().unwrap() {
                let name = field["name"].as_str().unwrap();
                let cell = format!("{name}: {}", field["type"].as_str().unwrap());
                // Members of unnamed types stand for the member that is of one.
                let opened = cells.iter().any(|known| {
                    known.starts_with(&format!("{name}.")) || known.starts_with(&format!("{name}["))
                });
                let drawn = cells.iter().any(|known| known.starts_with(&cell));
                assert!(name.is_empty() || drawn || opened, "{header}: {cell} in {cells:#?}");
            }
        }
    }
}

#[test]
fn nothing_is_drawn_outside_the_picture() {
    let text = printed(&[&["layout", "members.h", "--svg", "-", "--expand"], &ABIS[..]].concat());
    let svg = Document::parse(&text).unwrap();
    let root = svg.root_element();
    let number = |node: roxmltree::Node<'_, '_>, name| -> f64 {
        node.attribute(name).map_or(0.0, |value| value.parse().unwrap())
    };
    let (width, height) = (number(root, "width"), number(root, "height"));
    for node in svg.descendants().filter(|node| node.attribute("x").is_some()) {
        assert!(number(node, "x") + number(node, "width") <= width, "{node:?}");
        assert!(number(node, "y") + number(node, "height") <= height, "{node:?}");
    }
}

#[test]
fn a_long_array_is_folded() {
    let header = "struct s { int id; char text[1 << 30]; char tail[]; };";
    let mut child = crate::command(&["layout", "-", "--format", "svg"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), header.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.len() < 20_000, "{} bytes", text.len());
    let svg = Document::parse(&text).unwrap();
    let texts: Vec<_> = svg.descendants().filter_map(|node| node.text()).collect();
    assert!(texts.contains(&"\u{22ee}  1073741800 more bytes of text"), "{texts:#?}");
}

#[test]
fn the_picture_in_the_readme_is_what_is_drawn() {
    let path = crate::data().join("../../examples/quote.svg");
    let drawn = printed(&[&["layout", "../../examples/quote.h", "--svg", "-"], &ABIS[..]].concat());
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &drawn).unwrap();
    }
    assert!(std::fs::read_to_string(&path).unwrap() == drawn, "BLESS=1 accepts it");
}
