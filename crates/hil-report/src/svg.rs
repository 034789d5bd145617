//! Pictures as text. Everything is drawn with presentation attributes, because Jenkins' content security
//! policy drops inline styles; the classes let the style sheet adapt the colours to a dark page.

use std::fmt::{Display, Write as _};

/// A colour with the class under which the style sheet may replace it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ink {
    class: &'static str,
    colour: &'static str,
}

impl Ink {
    pub(crate) const TEXT: Self = Self { class: "k-text", colour: "#57606a" };
    pub(crate) const GRID: Self = Self { class: "k-grid", colour: "#d8dee4" };
    pub(crate) const MARK: Self = Self { class: "k-mark", colour: "#8c959f" };
    pub(crate) const TX: Self = Self { class: "k-tx", colour: "#0969da" };
    pub(crate) const RX: Self = Self { class: "k-rx", colour: "#0f766e" };
    pub(crate) const BAD: Self = Self { class: "k-bad", colour: "#cf222e" };
    pub(crate) const VOLTS: Self = Self { class: "k-volts", colour: "#9a5b00" };
    pub(crate) const AMPS: Self = Self { class: "k-amps", colour: "#8250df" };
    pub(crate) const BAND: Self = Self { class: "k-band", colour: "#c3e6cd" };
    pub(crate) const GOOD: Self = Self { class: "k-good", colour: "#1a7f37" };
    pub(crate) const MARGINAL: Self = Self { class: "k-marginal", colour: "#7d5a00" };
    pub(crate) const ZONE: Self = Self { class: "k-zone", colour: "#e9f7ec" };
    pub(crate) const ROSE: Self = Self { class: "k-rose", colour: "#bf3989" };

    /// The colours of lines side by side, in the order in which they are given out.
    pub(crate) const LINES: [Self; 5] = [Self::TX, Self::VOLTS, Self::AMPS, Self::RX, Self::ROSE];
}

/// Which end of a text stands at its position.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// A picture under construction.
#[derive(Debug)]
pub(crate) struct Svg(String);

impl Svg {
    /// A picture that is part of a page.
    pub(crate) fn inline(class: &str, width: f64, height: f64, label: &str) -> Self {
        Self(format!(
            "<svg class=\"{class}\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">",
            Number(width),
            Number(height),
            Escaped(label)
        ))
    }

    /// A picture that is part of a page and says at length what it shows to those who do not see it.
    pub(crate) fn described(class: &str, width: f64, height: f64, title: &str, description: &str) -> Self {
        Self(format!(
            "<svg class=\"{class}\" viewBox=\"0 0 {} {}\" role=\"img\"><title>{}</title><desc>{}</desc>",
            Number(width),
            Number(height),
            Escaped(title),
            Escaped(description)
        ))
    }

    /// A picture that is a file: with its namespace, its size and a background.
    pub(crate) fn file(width: f64, height: f64, title: &str) -> Self {
        let (w, h) = (Number(width), Number(height));
        Self(format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\" \
             font-family=\"sans-serif\"><title>{}</title><rect width=\"{w}\" height=\"{h}\" fill=\"#ffffff\"/>",
            Escaped(title)
        ))
    }

    pub(crate) fn line(&mut self, from: (f64, f64), to: (f64, f64), ink: Ink) {
        self.path(
            &format!("M{} {}L{} {}", Number(from.0), Number(from.1), Number(to.0), Number(to.1)),
            1.0,
            ink,
        );
    }

    pub(crate) fn dashes(&mut self, x: f64, top: f64, bottom: f64, ink: Ink) {
        self.push(format_args!(
            "<path class=\"{}\" d=\"M{} {}V{}\" stroke=\"{}\" stroke-dasharray=\"3 3\" fill=\"none\"/>",
            ink.class,
            Number(x),
            Number(top),
            Number(bottom),
            ink.colour
        ));
    }

    pub(crate) fn dashed(&mut self, d: &str, width: f64, ink: Ink) {
        self.push(format_args!(
            "<path class=\"{}\" d=\"{d}\" stroke=\"{}\" stroke-width=\"{}\" stroke-dasharray=\"5 3\" fill=\"none\"/>",
            ink.class,
            ink.colour,
            Number(width)
        ));
    }

    pub(crate) fn path(&mut self, d: &str, width: f64, ink: Ink) {
        self.push(format_args!(
            "<path class=\"{}\" d=\"{d}\" stroke=\"{}\" stroke-width=\"{}\" fill=\"none\"/>",
            ink.class,
            ink.colour,
            Number(width)
        ));
    }

    pub(crate) fn rect(&mut self, (x, y): (f64, f64), (width, height): (f64, f64), ink: Ink) {
        self.push(format_args!(
            "<rect class=\"{} k-fill\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\"/>",
            ink.class,
            Number(x),
            Number(y),
            Number(width),
            Number(height),
            ink.colour
        ));
    }

    pub(crate) fn text(&mut self, (x, y): (f64, f64), anchor: Anchor, ink: Ink, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        self.push(format_args!(
            "<text class=\"{} k-fill\" x=\"{}\" y=\"{}\" font-size=\"11\" text-anchor=\"{anchor}\" fill=\"{}\">{}</text>",
            ink.class,
            Number(x),
            Number(y),
            ink.colour,
            Escaped(text)
        ));
    }

    pub(crate) fn finish(mut self) -> String {
        self.0.push_str("</svg>");
        self.0
    }

    fn push(&mut self, element: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = self.0.write_fmt(element);
    }
}

/// A coordinate with one decimal, or none where that says the same.
pub(crate) struct Number(pub(crate) f64);

impl Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Adding zero turns the negative zero into the positive one.
        let tenths = (self.0 * 10.0).round() + 0.0;
        if tenths % 10.0 == 0.0 { write!(f, "{}", tenths / 10.0) } else { write!(f, "{:.1}", tenths / 10.0) }
    }
}

/// Text from outside inside markup.
struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for char in crate::text::visible(self.0).chars() {
            match char {
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '&' => f.write_str("&amp;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                _ => f.write_char(char)?,
            }
        }
        Ok(())
    }
}
