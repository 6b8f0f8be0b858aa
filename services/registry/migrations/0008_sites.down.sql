DROP TABLE consulting_request;
DROP TABLE reserve_candidate;
DROP TABLE site;
DROP TABLE site_call;
