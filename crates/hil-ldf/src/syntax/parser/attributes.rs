//! `Node_attributes`.

use super::super::ast::{Attribute, File, Integer, Name, NodeAttributes, Number, Text};
use super::super::fault::Fault;
use super::super::lexer::Kind;
use super::cursor::{Cursor, Parse};
use crate::code::Code;
use crate::nearest::nearest;
use crate::pool::List;

const ATTRIBUTES: [&str; 14] = [
    "LIN_protocol",
    "configured_NAD",
    "initial_NAD",
    "product_id",
    "response_error",
    "fault_state_signals",
    "P2_min",
    "ST_min",
    "N_As_timeout",
    "N_Cr_timeout",
    "configurable_frames",
    "response_tolerance",
    "wakeup_time",
    "poweron_time",
];

impl Cursor<'_, '_> {
    pub(super) fn node_attributes(&mut self, file: &mut File) -> Parse<()> {
        self.bump();
        self.block(|cursor| {
            let node = cursor.name("a node's name")?;
            let start = file.attributes.len();
            let is_node = |cursor: &Self| cursor.at_named_block() && !cursor.at_word("configurable_frames");
            cursor.inner_block(is_node, |cursor| {
                let attribute = cursor.attribute(file)?;
                file.attributes.extend(attribute);
                Ok(())
            })?;
            let attributes = List::since(start, &file.attributes);
            file.node_attributes.push(NodeAttributes { node, attributes });
            Ok(())
        })
    }

    /// None for an unknown attribute, which is skipped.
    fn attribute(&mut self, file: &mut File) -> Parse<Option<Attribute>> {
        let token = self.peek();
        if token.kind != Kind::Identifier {
            return Err(self.unexpected("a node attribute"));
        }
        let attribute = match self.text(token.span) {
            "LIN_protocol" => Attribute::Protocol(self.protocol()?),
            "configured_NAD" => Attribute::ConfiguredNad(self.integer_attribute("a node address")?),
            "initial_NAD" => Attribute::InitialNad(self.integer_attribute("a node address")?),
            "product_id" => self.product_id()?,
            "response_error" => {
                self.assignment()?;
                Attribute::ResponseError(self.name("a signal's name")?)
            }
            "fault_state_signals" => {
                self.assignment()?;
                Attribute::FaultStateSignals(self.names(&mut file.names, "a signal's name")?)
            }
            "P2_min" => Attribute::P2Min(self.quantity_attribute("ms")?),
            "ST_min" => Attribute::StMin(self.quantity_attribute("ms")?),
            "N_As_timeout" => Attribute::NAsTimeout(self.quantity_attribute("ms")?),
            "N_Cr_timeout" => Attribute::NCrTimeout(self.quantity_attribute("ms")?),
            "response_tolerance" => Attribute::ResponseTolerance(self.quantity_attribute("%")?),
            "wakeup_time" => Attribute::WakeupTime(self.quantity_attribute("ms")?),
            "poweron_time" => Attribute::PoweronTime(self.quantity_attribute("ms")?),
            "configurable_frames" => {
                self.bump();
                let frames = self.configurable_frames(&mut file.configurable_frames)?;
                self.eat(Kind::Semicolon);
                return Ok(Some(Attribute::ConfigurableFrames(frames)));
            }
            unknown => {
                let message = format!("unknown node attribute \"{unknown}\" is skipped");
                let fault = Fault::warning(Code::UnknownAttribute, token.span, message);
                self.faults.push(fault.nearest(nearest(unknown, ATTRIBUTES)));
                self.skip_statement(self.depth);
                return Ok(None);
            }
        };
        self.semicolon()?;
        Ok(Some(attribute))
    }

    /// Some tools write the version without quotes.
    fn protocol(&mut self) -> Parse<Text> {
        self.assignment()?;
        if self.peek().kind == Kind::String {
            return self.string("a protocol version");
        }
        self.bare_word("a protocol version")
    }

    fn integer_attribute(&mut self, expected: &str) -> Parse<Integer> {
        self.assignment()?;
        self.integer(expected)
    }

    fn quantity_attribute(&mut self, unit: &str) -> Parse<Number> {
        self.assignment()?;
        self.quantity(unit, "a number")
    }

    fn product_id(&mut self) -> Parse<Attribute> {
        self.assignment()?;
        let supplier = self.integer("the supplier")?;
        self.expect(Kind::Comma, "\",\" and the function")?;
        let function = self.integer("the function")?;
        let variant = if self.eat(Kind::Comma) { Some(self.integer("the variant")?) } else { None };
        Ok(Attribute::ProductId { supplier, function, variant })
    }

    /// LIN 2.0 gives each frame a message identifier.
    fn configurable_frames(
        &mut self,
        pool: &mut Vec<(Name, Option<Integer>)>,
    ) -> Parse<List<(Name, Option<Integer>)>> {
        let start = pool.len();
        self.block(|cursor| {
            let frame = cursor.name("a frame's name")?;
            let message =
                if cursor.eat(Kind::Equals) { Some(cursor.integer("a message identifier")?) } else { None };
            pool.push((frame, message));
            cursor.semicolon()
        })?;
        Ok(List::since(start, pool))
    }
}
