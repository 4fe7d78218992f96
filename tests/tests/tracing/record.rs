//! Writes down spans and events as lines, indented by the spans around them.

use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// A span that was opened, or an event.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    /// The module it came from, or that of a record of `log`.
    pub(crate) target: String,
    pub(crate) text: String,
}

/// The lines since they were taken.
#[derive(Clone, Default)]
pub(crate) struct Record(Arc<Mutex<Vec<Line>>>);

impl Record {
    pub(crate) fn take(&self) -> Vec<Line> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    fn add(&self, target: &str, depth: usize, name: &str, fields: Fields) {
        let target = fields.logged_by.as_deref().unwrap_or(target).to_owned();
        let text = format!("{}{name}{}", "  ".repeat(depth), fields.text);
        self.0.lock().unwrap().push(Line { target, text });
    }
}

impl<S: Subscriber + for<'s> LookupSpan<'s>> Layer<S> for Record {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let metadata = attributes.metadata();
        // The span itself is in its scope.
        let depth = context.span_scope(id).map_or(1, Iterator::count) - 1;
        self.add(metadata.target(), depth, metadata.name(), fields);
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let depth = context.event_scope(event).map_or(0, Iterator::count);
        self.add(event.metadata().target(), depth, "-", fields);
    }
}

/// Fields as text.
#[derive(Default)]
struct Fields {
    text: String,
    logged_by: Option<String>,
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "log.target" => self.logged_by = Some(value.to_owned()),
            name if name.starts_with("log.") => {}
            _ => self.record_debug(field, &value),
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        match field.name() {
            name if name.starts_with("log.") => {}
            "message" => write!(self.text, " {value:?}").unwrap(),
            name => write!(self.text, " {name}={value:?}").unwrap(),
        }
    }
}
