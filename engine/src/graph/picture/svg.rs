//! Writes a picture as SVG: elements and numbers, and text that is escaped. It has no script and no link.

use std::fmt::{Display, Write};

use super::Picture;
use super::picture::{BETWEEN, HEIGHT, Line, Place};
use crate::layout::escape_markup;

/// The style sheet of pictures, for light and dark.
pub const PICTURE_STYLE: &str = include_str!("picture.css");

impl Picture {
    /// Returns the picture as a file of its own.
    #[must_use]
    pub fn document(&self) -> String {
        let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        begin(&mut text, self, " xmlns=\"http://www.w3.org/2000/svg\"");
        put(&mut text, format_args!("<style>\n{PICTURE_STYLE}</style>"));
        put(&mut text, format_args!("<rect class=\"ground\" width=\"100%\" height=\"100%\"/>"));
        end(&mut text, self);
        text
    }

    /// Returns the picture as an element of an HTML document, which has [`PICTURE_STYLE`].
    #[must_use]
    pub fn element(&self) -> String {
        let mut text = String::new();
        begin(&mut text, self, "");
        end(&mut text, self);
        text
    }
}

fn begin(text: &mut String, picture: &Picture, namespace: &str) {
    let Picture { width, height, summary, .. } = picture;
    put(
        text,
        format_args!(
            "<svg{namespace} class=\"picture\" role=\"img\" aria-labelledby=\"graph-title graph-summary\" \
             width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\">"
        ),
    );
    put(text, format_args!("<title id=\"graph-title\">Graph of the steps</title>"));
    put(text, format_args!("<desc id=\"graph-summary\">{}</desc>", escape_markup(summary)));
    put(
        text,
        format_args!(
            "<defs><marker id=\"graph-arrow\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" \
             markerHeight=\"8\" orient=\"auto\"><path class=\"head\" d=\"M0 0 8 4 0 8z\"/></marker>\
             <marker id=\"graph-secret\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"4\" \
             markerHeight=\"4\" orient=\"auto\"><path class=\"secret head\" d=\"M0 0 8 4 0 8z\"/></marker></defs>"
        ),
    );
}

fn end(text: &mut String, picture: &Picture) {
    picture.lines.iter().for_each(|line| write_line(text, line));
    picture.boxes.iter().for_each(|place| write_box(text, place));
    text.push_str("</svg>\n");
}

fn write_line(text: &mut String, line: &Line) {
    let Line { from: (x, y), through, to: (end_x, end_y), ends, is_secret } = line;
    let begins = through.unwrap_or(*y);
    let middle = begins + BETWEEN / 2.0;
    let through = through.map(|bottom| format!("V{bottom:.0}")).unwrap_or_default();
    let (class, name) = if *is_secret { ("line secret", "graph-secret") } else { ("line", "graph-arrow") };
    let head = if *ends { format!(" marker-end=\"url(#{name})\"") } else { String::new() };
    let path =
        format!("M{x:.0} {y:.0}{through}C{x:.0} {middle:.0} {end_x:.0} {middle:.0} {end_x:.0} {end_y:.0}");
    put(text, format_args!("<path class=\"{class}\" d=\"{path}\"{head}/>"));
}

fn write_box(text: &mut String, place: &Place) {
    let Place { left, top, width, label, note, title, classes } = place;
    let radius = if classes.starts_with("box token") { HEIGHT / 2.0 } else { 4.0 };
    let (middle, first, second) = (left + width / 2.0, top + 19.0, top + 35.0);
    let [label, note, title] = [label, note, title].map(|text| escape_markup(text));
    put(text, format_args!("<g class=\"{classes}\"><title>{title}</title>"));
    put(
        text,
        format_args!(
            "<rect x=\"{left:.0}\" y=\"{top:.0}\" width=\"{width:.0}\" height=\"{HEIGHT}\" rx=\"{radius}\"/>"
        ),
    );
    put(text, format_args!("<text x=\"{middle:.0}\" y=\"{first:.0}\">{label}</text>"));
    put(text, format_args!("<text class=\"note\" x=\"{middle:.0}\" y=\"{second:.0}\">{note}</text></g>"));
}

fn put(text: &mut String, line: impl Display) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{line}");
}
