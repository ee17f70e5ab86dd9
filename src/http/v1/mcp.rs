//! `POST /mcp`: the search, and preparing applications, for AI agents (Model Context Protocol, Streamable HTTP), by the
//! official SDK.
//!
//! What for: an agent finds a procedure and where to apply for it, and with a person's token prepares what they hand in, by the
//! same rules as every other caller: a token bound to its key, the operation's scope, its rate plan, and one line in the access
//! log.
//!
//! How it flows: [`call`] admits the request as one operation, hands the body to `rmcp` without sessions, and turns what it
//! answers into ours; [`server`] runs the tool that was called with the permit of that request; [`tools`] describes each
//! tool by the parameters of the operation that it is.
//!
//! How to add one more: a line of [`tools::TOOLS`] and its arm in [`server`].
//!
//! What it must never do: run a tool without a permit; keep a session; answer what the operation itself would not.

mod server;
mod tools;

pub use server::Mcp;

use super::{admit, limited};
use crate::gateway::{Gateway, Operation};
use crate::http::edge::json_body;
use crate::http::problem::Problem;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// One message of JSON-RPC 2.0, as the Model Context Protocol describes it.
#[derive(ToSchema)]
#[schema(value_type = Object, example = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}))]
#[expect(dead_code, reason = "it is only described: the SDK reads and writes it")]
pub struct McpMessage(Map<String, Value>);

/// The search, and preparing applications, as tools of the Model Context Protocol: Streamable HTTP without sessions, one
/// JSON-RPC message in, one out.
///
/// `initialize`, `ping`, `tools/list` and `tools/call`. Each tool is one operation with its scope: its parameters or body as
/// arguments, its answer as `structuredContent`; what that operation would refuse with a problem is a result with `isError`
/// and the problem's `code` and `detail`. None hands anything in. Every message needs a DPoP proof of its own.
#[utoipa::path(
    post, path = "/mcp", operation_id = "call_mcp", tag = "service-search",
    request_body(content = McpMessage, content_type = "application/json"),
    responses(
        (status = 200, description = "The answer to a request.", body = McpMessage),
        (status = 202, description = "A notification was taken."),
    ),
    security(("dpop" = ["service_search"]), ("dpop" = ["applications"]))
)]
pub async fn call(
    request: HttpRequest,
    payload: web::Payload,
    gateway: web::Data<Gateway>,
    mcp: web::Data<Mcp>,
) -> Result<HttpResponse, Problem> {
    let permit = admit(&request, &gateway, &Operation::CALL_MCP).await?.into();
    let body = json_body(&request, payload).await?;
    Ok(limited(mcp.answer(&request, &permit, body).await?, &permit))
}
