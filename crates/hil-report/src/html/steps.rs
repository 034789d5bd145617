//! The step tree of an attempt.

use std::collections::HashMap;

use hil_model::{StepEnd, StepId};
use serde::Serialize;

use crate::{AttemptRecord, StepRecord, time};

/// Steps nested deeper than this are shown beside their parent: templates recurse.
const DEPTH: usize = 16;

#[derive(Debug, Serialize)]
pub(super) struct StepView {
    number: String,
    title: String,
    state: &'static str,
    message: String,
    time: String,
    /// Whether it is open from the start: it, or a step within it, broke.
    open: bool,
    children: Vec<StepView>,
}

/// The outermost steps with those within them. In a red attempt a step that was left open counts as
/// where it broke.
pub(super) fn tree(attempt: &AttemptRecord) -> Vec<StepView> {
    let steps = &attempt.evidence.steps;
    let mut children: HashMap<Option<StepId>, Vec<&StepRecord>> = HashMap::new();
    let mut depths: HashMap<StepId, (usize, Option<StepId>)> = HashMap::new();
    for step in steps {
        // Only a step that began before can be a parent, so there are no circles.
        let mut parent = step.parent.filter(|parent| depths.contains_key(parent));
        let mut depth = 0;
        if let Some((above, grandparent)) = parent.and_then(|parent| depths.get(&parent)) {
            depth = (above + 1).min(DEPTH);
            if *above == DEPTH {
                parent = *grandparent;
            }
        }
        if depths.insert(step.id, (depth, parent)).is_none() {
            children.entry(parent).or_default().push(step);
        }
    }
    views(None, "", &children, attempt.outcome.is_red())
}

fn views(
    parent: Option<StepId>,
    prefix: &str,
    children: &HashMap<Option<StepId>, Vec<&StepRecord>>,
    red: bool,
) -> Vec<StepView> {
    let steps = children.get(&parent).map_or(&[][..], Vec::as_slice);
    steps
        .iter()
        .zip(1..)
        .map(|(step, index)| {
            let number = format!("{prefix}{index}");
            let within = views(Some(step.id), &format!("{number}."), children, red);
            let (state, message, took) = match &step.ended {
                Some((at, StepEnd::Done)) => ("done", String::new(), time::duration(*at - step.started)),
                Some((at, StepEnd::Broken(why))) => {
                    ("broken", why.clone(), time::duration(*at - step.started))
                }
                None => ("unfinished", String::new(), String::new()),
            };
            let open =
                state == "broken" || (red && state == "unfinished") || within.iter().any(|step| step.open);
            StepView { number, title: step.title.clone(), state, message, time: took, open, children: within }
        })
        .collect()
}
