//! Draws a graph as SVG, without another program.
//!
//! The boxes of a wave share a row, or several if they are many. Arrows that others imply are left out, the boxes
//! of each row are ordered so that few arrows cross, and each box stands near those that it is connected with.

mod fold;
mod order;
#[expect(clippy::module_inception, reason = "the noun of this folder is its main file")]
mod picture;
mod place;
mod reduce;
mod rows;
mod svg;

pub use picture::Picture;
pub use svg::PICTURE_STYLE;
