-- By which card a citizen is known where a health insurance card is asked for (健康保険証利用), sealed under the citizen's key; none
-- where there is no body. Whoever changes it has the turn until a moment.
CREATE TABLE health_insurance (
    subject_id   TEXT    NOT NULL PRIMARY KEY,
    turn         BIGINT  NOT NULL,
    leased_until BIGINT  NOT NULL,
    body         TEXT
);
