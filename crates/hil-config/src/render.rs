//! The marked excerpt below an error line, drawn by rustc's renderer.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::place::Place;

/// Longest line that is shown; minified or hostile files must not flood the terminal.
const MAX_LINE_BYTES: usize = 400;

/// Draws the lines of `place`, and those of a second place with its label.
pub(crate) fn excerpt(place: &Place, related: Option<&(Place, &'static str)>) -> String {
    if is_too_wide(place) {
        return "  (the line is too long to show)".to_owned();
    }
    let mut snippet =
        Snippet::source(&place.source().text).annotation(AnnotationKind::Primary.span(place.span()));
    let mut group = Group::with_level(Level::ERROR);
    match related {
        Some((other, label)) if place.is_in_same_text(other) => {
            snippet = snippet.annotation(AnnotationKind::Context.span(other.span()).label(*label));
            group = group.element(snippet);
        }
        Some((other, label)) if !is_too_wide(other) => {
            group = group.element(snippet).element(
                Snippet::source(&other.source().text)
                    .path(other.source().name())
                    .annotation(AnnotationKind::Context.span(other.span()).label(*label)),
            );
        }
        Some(_) | None => group = group.element(snippet),
    }
    Renderer::plain().render(&[group])
}

fn is_too_wide(place: &Place) -> bool {
    let text = &place.source().text;
    let span = place.span();
    let start = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
    let end = text[span.end..].find('\n').map_or(text.len(), |at| span.end + at);
    end - start > MAX_LINE_BYTES && text[start..end].lines().any(|line| line.len() > MAX_LINE_BYTES)
}
