//! Which test goes to which page, and the writing of the pages.

use std::fs;
use std::mem::take;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::engine::Engine;
use super::overview::{Banner, Overview};
use super::test::TestView;
use crate::files::write_atomically;
use crate::flight::Flights;
use crate::{ReportError, RunRecord};

pub(crate) const STYLE: &str = include_str!("templates/report.css");

/// What the first page may weigh, in bytes, and what is set aside of it for each line of its table and
/// for what else stands there. 1000 tests stay under 400 kB.
const FRONT: usize = 360_000;
const FRONT_LEAST: usize = 40_000;
const ROW: usize = 310;

/// What the details on a further page may weigh, in bytes.
const FURTHER: usize = 200_000;

#[derive(Debug, Serialize)]
struct FrontPage<'a> {
    title: String,
    style: Option<&'static str>,
    run: &'a Overview,
    red: Vec<&'a str>,
    others: Vec<&'a str>,
    pages: Vec<Link>,
}

#[derive(Debug, Serialize)]
struct FurtherPage<'a> {
    title: String,
    style: Option<&'static str>,
    // Not the overview: its table would be converted for each page, and no page but the first shows it.
    run: Banner<'a>,
    number: usize,
    tests: Vec<String>,
    pages: Vec<Link>,
}

#[derive(Debug, Serialize)]
struct Link {
    href: String,
    label: String,
}

/// The details of a test, rendered, and the page they go to: 1 is the first.
struct Details {
    html: String,
    red: bool,
    page: usize,
}

/// Writes `report.html`, its style sheet and further pages; pages of an earlier, larger run are removed.
pub(crate) fn write(folder: &Path, record: &RunRecord, flights: &Flights) -> Result<PathBuf, ReportError> {
    let engine = Engine::new()?;
    let mut details = details(&engine, record, flights)?;
    let budget = FRONT.saturating_sub(ROW * record.tests.len()).max(FRONT_LEAST);
    let last = distribute(&mut details, budget);

    let run = overview(record, &details);
    for number in 2..=last {
        let page = FurtherPage {
            title: format!("Page {number} of {}", run.title()),
            style: None,
            run: run.banner(),
            number,
            // A page is the last that needs its tests, so they need not be kept.
            tests: details.iter_mut().filter(|d| d.page == number).map(|d| take(&mut d.html)).collect(),
            pages: links(last),
        };
        write_atomically(&folder.join(file_name(number)), engine.render("page.html", &page)?)?;
    }
    write_atomically(&folder.join("report.css"), STYLE)?;
    let path = folder.join(file_name(1));
    write_atomically(&path, front(&engine, &run, &details, None, links(last))?)?;
    for stale in (last + 1..).map(|number| folder.join(file_name(number))).take_while(|path| path.exists()) {
        fs::remove_file(&stale).map_err(|source| ReportError::Write { path: stale, source })?;
    }
    Ok(path)
}

/// The report as one file with its style sheet inside, for a copy that is mailed. Attachments are named,
/// but do not come along.
///
/// # Errors
///
/// [`ReportError::Template`].
pub fn render_single_file(record: &RunRecord) -> Result<String, ReportError> {
    let engine = Engine::new()?;
    let details = details(&engine, record, &Flights::default())?;
    front(&engine, &overview(record, &details), &details, Some(STYLE), Vec::new())
}

fn details(engine: &Engine, record: &RunRecord, flights: &Flights) -> Result<Vec<Details>, ReportError> {
    let render = |(index, test)| {
        let mut html = engine.render("test.html", &TestView::of(record, index, test, flights.of(index)))?;
        // The engine sets aside several times what a test needs, and all of them are kept until the end.
        html.shrink_to_fit();
        Ok(Details { html, red: record.tests[index].outcome().is_red(), page: 1 })
    };
    record.tests.iter().enumerate().map(render).collect()
}

/// Puts the tests on pages and returns the number of the last. If they do not all fit on the first, the
/// red ones stay there as far as they fit, and the rest goes to further pages in the run's order.
fn distribute(details: &mut [Details], budget: usize) -> usize {
    if details.iter().map(|d| d.html.len()).sum::<usize>() <= budget {
        return 1;
    }
    let (mut last, mut on_front, mut on_last) = (1, 0, usize::MAX);
    for test in details {
        let weight = test.html.len();
        if test.red && on_front + weight <= budget {
            on_front += weight;
            continue;
        }
        if on_last.saturating_add(weight) > FURTHER {
            last += 1;
            on_last = 0;
        }
        on_last += weight;
        test.page = last;
    }
    last
}

fn overview(record: &RunRecord, details: &[Details]) -> Overview {
    let place = |d: &Details| if d.page == 1 { String::new() } else { file_name(d.page) };
    Overview::of(record, &details.iter().map(place).collect::<Vec<_>>())
}

fn front(
    engine: &Engine,
    run: &Overview,
    details: &[Details],
    style: Option<&'static str>,
    pages: Vec<Link>,
) -> Result<String, ReportError> {
    let on_front = |red: bool| {
        details.iter().filter(move |d| d.page == 1 && d.red == red).map(|d| d.html.as_str()).collect()
    };
    let page =
        FrontPage { title: run.title(), style, run, red: on_front(true), others: on_front(false), pages };
    engine.render("report.html", &page)
}

fn file_name(page: usize) -> String {
    if page == 1 { "report.html".to_owned() } else { format!("report-{page}.html") }
}

/// Links to all pages; none if there is only one.
fn links(last: usize) -> Vec<Link> {
    (1..=last)
        .filter(|_| last > 1)
        .map(|page| Link {
            href: file_name(page),
            label: if page == 1 { "Overview".to_owned() } else { page.to_string() },
        })
        .collect()
}
