//! The closed vocabularies of an event: its kind, its direction, and the surface that a part sits on.

macro_rules! vocabulary {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident => $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant),+ }

        impl $name {
            /// Every value, in the order in which they are declared.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name used in records, tables and packs.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The value with this name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($text => Some(Self::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use vocabulary;

vocabulary! {
    /// What an event is.
    EventKind {
        /// An HTTP request.
        HttpRequest => "http_request",
        /// An HTTP response.
        HttpResponse => "http_response",
        /// A WebSocket message.
        WsMessage => "ws_message",
        /// A server-sent event.
        SseEvent => "sse_event",
        /// A DNS query with its answers.
        Dns => "dns",
        /// An MCP message (JSON-RPC 2.0).
        Mcp => "mcp",
        /// An A2A message (JSON-RPC 2.0).
        A2a => "a2a",
        /// An A2A agent card.
        A2aCard => "a2a_card",
        /// A message to or from a model.
        Model => "model",
        /// A log entry.
        Log => "log",
        /// Text without further structure.
        Text => "text",
    }
}

vocabulary! {
    /// The agent's view of an event.
    Direction {
        /// It leaves the agent.
        Egress => "egress",
        /// It reaches the agent.
        Ingress => "ingress",
    }
}

vocabulary! {
    /// Where in an event a part sits.
    Surface {
        /// An absolute URL.
        Url => "url",
        /// A host name.
        Host => "host",
        /// A header field.
        Header => "header",
        /// A message body.
        Body => "body",
        /// A string (or the syntax between strings) of a JSON document without a more telling surface.
        JsonString => "json_string",
        /// A query parameter.
        Query => "query",
        /// A cookie.
        Cookie => "cookie",
        /// A DNS name.
        DnsName => "dns_name",
        /// The payload of a WebSocket message.
        WsMessage => "ws_message",
        /// The data of a server-sent event.
        SseEvent => "sse_event",
        /// The name of a tool.
        ToolName => "tool_name",
        /// The text by which a tool, prompt, resource or server describes itself to the model.
        ToolDescription => "tool_description",
        /// A tool's input or output schema.
        ToolSchema => "tool_schema",
        /// An argument of a tool call.
        ToolArgument => "tool_argument",
        /// What a tool, resource or prompt returned.
        ToolResult => "tool_result",
        /// What a model is given.
        ModelInput => "model_input",
        /// What a model said.
        ModelOutput => "model_output",
        /// A field of a log entry.
        LogField => "log_field",
    }
}
