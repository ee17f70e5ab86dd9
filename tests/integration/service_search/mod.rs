//! Service and procedure search, black box: the real application over the pretend search web service.

mod hand_over;
mod input;
mod mcp;
mod refresh;
mod search;

use crate::submissions::filer::Payroll;
use crate::support::app::{App, spawn_searching_app};
use crate::support::played::third_party::Answer;
use reqwest::Method;
use serde_json::Value;
use std::time::Duration;
use url::form_urlencoded::Serializer;

/// A chat front at an application whose catalogue is there.
pub struct Chat {
    pub app: App,
    software: Payroll,
}

impl Chat {
    pub async fn open() -> Self {
        let app = spawn_searching_app().await;
        let software = Payroll::open_for(&app.directory(), "chat_front", "service_search").await;
        let chat = Self { app, software };
        loop {
            let told = chat.get("/v1/service-procedures", &[]).await;
            if told.status == 200 {
                return chat;
            }
            assert_eq!((told.status, &told.body["code"]), (503, &"temporarily_unavailable".into()), "{}", told.body);
            assert!(told.headers.contains_key("retry-after"));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub async fn get(&self, path: &str, query: &[(&str, &str)]) -> Answer {
        self.get_with(path, query, &[]).await
    }

    pub async fn get_with(&self, path: &str, query: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        let query = Serializer::new(String::new()).extend_pairs(query).finish();
        let target = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
        self.software.send((Method::GET, &target), headers, None).await
    }

    /// One message of the Model Context Protocol.
    pub async fn message(&self, message: &Value, headers: &[(&str, &str)]) -> Answer {
        let accept = [("accept", "application/json, text/event-stream"), ("mcp-protocol-version", "2025-06-18")];
        let given = |name: &str| headers.iter().any(|(given, _)| *given == name);
        let usual = accept.into_iter().filter(|(name, _)| !given(name));
        let headers: Vec<_> = usual.chain(headers.iter().copied()).collect();
        self.software.send((Method::POST, "/mcp"), &headers, Some(message)).await
    }

    /// The body of what must be there.
    pub async fn found(&self, path: &str, query: &[(&str, &str)]) -> Value {
        let told = self.get(path, query).await;
        assert_eq!(told.status, 200, "{path} {query:?}: {}", told.body);
        told.body
    }
}
