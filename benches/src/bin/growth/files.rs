//! Files of repeated pieces.

use arcbook_engine::format::format;
use arcbook_engine::source::{SourceFile, Sources};
use arcbook_engine::syntax::parse;

use crate::measure::{FACTOR, Growth};

/// The repeated text, given its number.
type Piece = fn(usize) -> String;

/// The shapes: name, text before, piece, and text after.
const SHAPES: &[(&str, &str, Piece, &str)] = &[
    ("arguments", "", |n| format!("argument_{n} = {n}\n"), ""),
    ("blocks", "", |n| format!("block \"b{n}\" {{\n}}\n"), ""),
    ("comments", "", |n| format!("# comment number {n}\n"), ""),
    ("comments after arguments", "", |n| format!("a{n} = 1 # comment {n}\n"), ""),
    ("empty lines", "", |_| "\n".to_owned(), ""),
    ("one heredoc", "a = <<-EOT\n", |n| format!("    line number {n}\n"), "EOT\n"),
    ("lists", "", |n| format!("a{n} = [{}]\n", "1, ".repeat(1000)), ""),
    ("objects", "", |n| format!("a{n} = {{\n{}}}\n", pieces(500, |k| format!("  key_{k} = {k}\n"))), ""),
    ("operators in a row", "", |n| format!("a{n} = {}1\n", "1 + ".repeat(990)), ""),
    ("steps in a row", "", |n| format!("a{n} = x{}\n", ".y[0]".repeat(700)), ""),
    ("interpolations", "", |n| format!("a{n} = \"{}\"\n", "text ${x.y}%{if x}a%{endif}".repeat(300)), ""),
    ("nested brackets", "", |n| format!("a{n} = {}1{}\n", "[".repeat(100), "]".repeat(100)), ""),
    ("nested blocks", "", |_| format!("{}{}", "b {\n".repeat(60), "}\n".repeat(60)), ""),
    ("wrong arguments", "", |n| format!("a{n} = = {n}\n"), ""),
    ("one name again and again", "", |n| format!("a = {n}\n"), ""),
    ("brackets that are not closed", "", |_| "a = (\n".to_owned(), ""),
    ("heredocs that are not closed", "", |_| "a = <<E\n".to_owned(), ""),
    ("templates that are not closed", "", |_| "a = \"${x\n".to_owned(), ""),
];

/// Parses and formats each shape at 1 MiB and at four times that.
pub fn measure() {
    println!("| a file of 4 MiB | read | laid out |\n|---|---:|---:|");
    for &(name, start, piece, end) in SHAPES {
        let [small, large] = [1 << 20, FACTOR << 20].map(|size| file(start, piece, end, size));
        let read = Growth::of(&small, &large, |text| {
            let mut sources = Sources::new();
            let file = sources.add(SourceFile::new("growth.runbook.hcl", text.clone()));
            parse(&sources, file)
        });
        let laid_out = Growth::of(&small, &large, |text| format(text));
        println!("| {name} | {read} | {laid_out} |");
    }
}

fn file(start: &str, piece: Piece, end: &str, size: usize) -> String {
    let mut text = start.to_owned();
    for number in 0.. {
        if text.len() >= size {
            break;
        }
        text += &piece(number);
    }
    text + end
}

fn pieces(count: usize, piece: Piece) -> String {
    (0..count).map(piece).collect()
}
