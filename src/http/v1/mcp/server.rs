//! The server that the SDK asks: which tools there are, and what one of them answers.

use super::tools::{AgentTool, Described, LANGUAGE, TOOLS, described, named, query, text};
use crate::domain::scope::ScopeSet;
use crate::domain::{Digest, Failure, Fault, Lang, Refusal};
use crate::gateway::Permit;
use crate::http::problem::Problem;
use crate::http::v1::cacheable::lang;
use crate::services::applications::Applications;
use crate::services::service_search::ServiceSearch;
use actix_web::http::header::HeaderMap;
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, Implementation, JsonObject, ListToolsResult,
    PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::RequestContext;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use rmcp::{ErrorData, RoleServer, ServerHandler};
use serde::Serialize;
use serde_json::{Value, json};
use std::sync::Arc;

const INSTRUCTIONS: &str = "Searches the procedures (制度・手続) of Japanese municipalities. Find the municipality first \
    (search_municipalities), then a procedure there (search_procedures), then its details (get_procedure). To apply, give \
    the person the link of the details: it names the municipality and the procedure, and nothing about the person. With a \
    token that a person agreed to, prepare their application: the form in force at the municipality that they chose \
    (list_application_forms), its items (get_application_form), and what is still wrong or missing (check_application), \
    until nothing is. Then keep it as a draft (draft_application): the person reads it on the pages of this counter, and hands \
    it in there. Nothing is handed in here. Never put a name, an address or a number of a person into a search.";

/// Header fields that the SDK reads, by their beginnings.
const PASSED_ON: [&str; 4] = ["accept", "content-type", "mcp-", "origin"];

/// What the request brought: the permit, and the language that the caller reads.
#[derive(Clone)]
struct Admitted {
    permit: Arc<Permit>,
    lang: Lang,
}

#[derive(Clone)]
struct Server {
    search: web::Data<ServiceSearch>,
    applications: web::Data<Applications>,
    tools: Arc<[Tool]>,
}

/// The tools, served.
pub struct Mcp {
    service: StreamableHttpService<Server, NeverSessionManager>,
    /// Its own address, as callers see it.
    address: String,
}

impl Mcp {
    /// Of the search and of applications, described by this document of the API; `public_url` is where browsers may come from.
    #[must_use]
    pub fn new(
        (search, applications): (web::Data<ServiceSearch>, web::Data<Applications>),
        document: &Value,
        public_url: &str,
    ) -> Self {
        let server = Server { search, applications, tools: described(document).into() };
        let origin = url::Url::parse(public_url).map(|url| url.origin().ascii_serialization());
        let config = StreamableHttpServerConfig::default()
            .with_legacy_session_mode(false)
            .with_json_response(true)
            // Whoever calls shows a token that a rebound name does not have; the edge knows our names.
            .disable_allowed_hosts()
            .with_allowed_origins(origin)
            .enforce_origin_validation();
        let service = StreamableHttpService::new(move || Ok(server.clone()), Arc::default(), config);
        Self { service, address: format!("{public_url}/mcp") }
    }

    /// What the SDK answers to a message, as an answer of ours.
    ///
    /// # Errors
    /// A problem in place of what the SDK refuses without a message of JSON-RPC.
    pub(super) async fn answer(
        &self,
        request: &HttpRequest,
        permit: &Arc<Permit>,
        body: Bytes,
    ) -> Result<HttpResponse, Problem> {
        let admitted = Admitted { permit: Arc::clone(permit), lang: lang(request) };
        let asked = passed_on(&self.address, (request.headers(), body), admitted).map_err(|error| {
            let words = "A header field that begins with Mcp- cannot be read.";
            tracing::debug!(%error, "not read");
            Problem::of(Refusal::new("invalid_request", words))
        })?;
        let (head, body) = self.service.handle(asked).await.into_parts();
        let Ok(body) = body.collect().await.map(http_body_util::Collected::to_bytes);
        let kind = head.headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let status = StatusCode::from_u16(head.status.as_u16());
        let status = status.map_err(|error| Fault::Internal(error.to_string()))?;
        if status.is_success() && body.is_empty() {
            return Ok(HttpResponse::build(status).finish());
        }
        // A refusal of JSON-RPC is the protocol's own answer; anything else becomes a problem.
        if kind.starts_with("application/json") && serde_json::from_slice::<Value>(&body).is_ok() {
            return Ok(HttpResponse::build(status).content_type("application/json").body(body));
        }
        let code = match status.as_u16() {
            406 => "not_acceptable",
            403 => "refused_by_policy",
            _ => "invalid_request",
        };
        let words: String = String::from_utf8_lossy(&body).chars().filter(|c| !c.is_control()).take(300).collect();
        Err(Problem::of(Refusal::new(code, words)))
    }
}

fn passed_on(
    address: &str,
    (headers, body): (&HeaderMap, Bytes),
    admitted: Admitted,
) -> Result<http::Request<Full<Bytes>>, http::Error> {
    let mut asked = http::Request::post(address).extension(admitted);
    for (name, value) in headers {
        if PASSED_ON.iter().any(|known| name.as_str().starts_with(known)) {
            asked = asked.header(name.as_str(), value.as_bytes());
        }
    }
    asked.body(Full::new(body))
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let own = Implementation::new("madoguchi", env!("CARGO_PKG_VERSION")).with_title("madoguchi（窓口）");
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(own)
            .with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let permit = &admitted(&context)?.permit;
        let open = self.tools.iter().zip(&TOOLS).filter(|(_, known)| known.is_open_to(permit));
        Ok(ListToolsResult::with_all_items(open.map(|(tool, _)| tool.clone()).collect()))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let admitted = admitted(&context)?;
        let Some(tool) = named(&request.name) else {
            return Err(ErrorData::invalid_params("There is no tool of this name; see tools/list.", None));
        };
        let result = match self.run(tool, request.arguments.unwrap_or_default(), admitted).await {
            Ok(answer) => CallToolResult::structured(answer),
            Err(Failure::Refused(refusal)) => CallToolResult::structured_error(told(&refusal)),
            Err(Failure::Broken(fault)) => {
                tracing::error!(%fault, tool = tool.name, "a tool failed");
                return Err(ErrorData::internal_error("It failed here; try again.", None));
            }
        };
        Ok(result.into())
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.tools.iter().find(|tool| tool.name == name).cloned()
    }
}

impl Server {
    async fn run(&self, tool: &Described, mut arguments: JsonObject, by: &Admitted) -> Result<Value, Failure> {
        let (search, permit) = (&*self.search, &*by.permit);
        if !tool.is_open_to(permit) {
            let scope = ScopeSet::of(tool.operation.scopes);
            let words =
                format!("This tool needs a token with the scope {scope}, given by a person where it is about one.");
            return Err(Refusal::new("insufficient_scope", words).into());
        }
        let lang = match arguments.get(LANGUAGE) {
            None | Some(Value::Null) => by.lang,
            Some(Value::String(tag)) if tag == "ja" => Lang::Ja,
            Some(Value::String(tag)) if tag == "en" => Lang::En,
            Some(_) => return Err(Refusal::new("invalid_value", "It must be ja or en.").at(LANGUAGE).into()),
        };
        arguments.remove(LANGUAGE);
        if tool.tool == AgentTool::Check {
            let body = Value::Object(arguments).to_string();
            return value(self.applications.check(permit, body.as_bytes()).await?);
        }
        if tool.tool == AgentTool::Draft {
            // The same draft twice is one.
            let body = Value::Object(arguments).to_string();
            let key = Digest::of(&body).base64url();
            return value(self.applications.begin_draft(permit, body.as_bytes(), Some(&key)).await?);
        }
        let query = query(&arguments)?;
        match tool.tool {
            AgentTool::Municipalities => value(search.municipalities(permit, &search.asks_municipalities(&query)?)?),
            AgentTool::Procedures => value(search.search(permit, &search.asks_search(&query)?, lang)?),
            AgentTool::Procedure => value(search.find(permit, text(&arguments, "psid")?, lang)?),
            AgentTool::Comparison => value(search.compare(permit, &search.asks_comparison(&query)?, lang)?),
            AgentTool::Standards => value(search.standards(permit, lang)),
            AgentTool::Forms => value(self.applications.forms(permit, &query)?),
            AgentTool::Form => value(self.applications.form(permit, text(&arguments, "code")?)?),
            AgentTool::Check | AgentTool::Draft => Err(Fault::Internal("it takes no query".into()).into()),
            AgentTool::Coverage => value(search.coverage(permit, &search.asks_coverage(&query)?)?),
        }
    }
}

fn value(answer: impl Serialize) -> Result<Value, Failure> {
    Ok(serde_json::to_value(answer).map_err(|error| Fault::Internal(error.to_string()))?)
}

fn admitted(context: &RequestContext<RoleServer>) -> Result<&Admitted, ErrorData> {
    let admitted = context.extensions.get::<http::request::Parts>().and_then(|parts| parts.extensions.get());
    admitted.ok_or_else(|| ErrorData::internal_error("no permit", None))
}

/// As the problem of the operation would say it.
fn told(refusal: &Refusal) -> Value {
    let mut told = json!({"code": refusal.code, "detail": refusal.public});
    if let (Some(told), Some(pointer)) = (told.as_object_mut(), &refusal.pointer) {
        told.insert("pointer".to_owned(), pointer.to_string().into());
    }
    told
}
