//! The counter with client certificates: what it offers, and calls over connections that showed one.

use super::counter::{Counter, ISSUER, Pairs, Reply};
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{App, HttpMessage as _, test, web};
use madoguchi::http::edge::ShownCertificate;
use madoguchi::issuer::keys::Rotation;
use madoguchi::issuer::{Issuer, IssuerSettings};
use madoguchi::protocol::certificate::{CertificateRules, ClientCertificate};
use serde_json::Value;
use std::sync::Arc;

impl Counter {
    /// The same counter, with certificates as `rules` say.
    pub async fn reopen_with(&mut self, certificates: CertificateRules) {
        let settings = IssuerSettings {
            public_url: ISSUER.into(),
            rotation: Rotation::default(),
            certificates,
            ..IssuerSettings::default()
        };
        self.issuer = Arc::new(Issuer::open(settings, self.parts.clone()).await.unwrap());
    }

    /// Sends a request over a connection that showed a certificate, or none.
    pub async fn send_showing(&self, request: test::TestRequest, shown: Option<&ClientCertificate>) -> Reply {
        let request = request.to_request();
        if let Some(shown) = shown {
            request.extensions_mut().insert(ShownCertificate(shown.clone()));
        }
        let issuer = web::Data::from(Arc::clone(&self.issuer));
        let app = App::new().app_data(issuer).configure(madoguchi::http::oauth::routes);
        let service = test::init_service(app).await;
        let response = test::call_service(&service, request).await;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = String::from_utf8(test::read_body(response).await.to_vec()).unwrap();
        Reply { status, headers, json: serde_json::from_str(&body).unwrap_or(Value::Null), body }
    }

    /// Posts a form over such a connection.
    pub async fn post_showing(
        &self,
        path: &str,
        pairs: &Pairs<'_>,
        dpop: Option<String>,
        shown: Option<&ClientCertificate>,
    ) -> Reply {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let mut request = test::TestRequest::post().uri(path).set_payload(body);
        request = request.insert_header((CONTENT_TYPE, "application/x-www-form-urlencoded"));
        if let Some(proof) = dpop {
            request = request.insert_header(("DPoP", proof));
        }
        self.send_showing(request, shown).await
    }
}
