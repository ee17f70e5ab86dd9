-- What a company sees at its own page: everything of its own, whoever's software filed it.
CREATE INDEX deposits_of_company ON deposits (company, declared_at, id);
CREATE INDEX disposition_notices_of_company ON disposition_notices (company, put_at, id);
