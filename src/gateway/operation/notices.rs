//! Notices (お知らせ): what citizens' software and agencies can call.

use super::{Narrow, Operation};
use crate::domain::scope::Scope;

const fn citizen(id: &'static str) -> Operation {
    Operation { id, scopes: &[Scope::Notices], is_personal: true, narrow: Narrow::None }
}

const fn agency(id: &'static str) -> Operation {
    Operation { id, scopes: &[Scope::AgencyNotices], is_personal: false, narrow: Narrow::None }
}

impl Operation {
    /// `GET /v1/notices`.
    pub const LIST_NOTICES: Self = citizen("list_notices");
    /// `GET /v1/notices/{id}`.
    pub const GET_NOTICE: Self = citizen("get_notice");
    /// `GET /v1/notices/{id}/attachments/{number}`.
    pub const GET_NOTICE_ATTACHMENT: Self = citizen("get_notice_attachment");
    /// `PUT /v1/notices/{id}/read`.
    pub const MARK_NOTICE_READ: Self = citizen("mark_notice_read");
    /// `DELETE /v1/notices/{id}/read`.
    pub const MARK_NOTICE_UNREAD: Self = citizen("mark_notice_unread");
    /// `POST /agency/v1/notices`.
    pub const CREATE_AGENCY_NOTICE: Self = agency("create_agency_notice");
    /// `GET /agency/v1/notices`.
    pub const LIST_AGENCY_NOTICES: Self = agency("list_agency_notices");
    /// `GET /agency/v1/notices/{id}`.
    pub const GET_AGENCY_NOTICE: Self = agency("get_agency_notice");
    /// `POST /agency/v1/notices/bulk`.
    pub const CREATE_AGENCY_NOTICE_BULK: Self = agency("create_agency_notice_bulk");
    /// `PATCH /agency/v1/notices/bulk/{id}`.
    pub const APPEND_AGENCY_NOTICE_BULK: Self = agency("append_agency_notice_bulk");
    /// `GET /agency/v1/notices/bulk/{id}`.
    pub const GET_AGENCY_NOTICE_BULK: Self = agency("get_agency_notice_bulk");
    /// `GET /agency/v1/notices/bulk/{id}/rejections`.
    pub const LIST_AGENCY_NOTICE_REJECTIONS: Self = agency("list_agency_notice_rejections");
}
