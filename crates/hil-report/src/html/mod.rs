//! `report.html` and `report.css` (REP-03): what one shows to a colleague.
//!
//! Jenkins serves build files under a policy that drops scripts, inline styles and `data:` URIs. So the
//! page is complete without any of them: `<details>` folds, `report.css` lies beside the page, pictures
//! are inline SVG with presentation attributes. Tests that do not fit on a page of bearable size go to
//! `report-2.html` and so on; the red ones stay on the first page as long as they fit.

mod engine;
mod overview;
mod pages;
mod statistics;
mod steps;
mod test;

pub(crate) use engine::Engine;
pub use pages::render_single_file;
pub(crate) use pages::{STYLE, write};
