DROP TABLE research_request;
DROP TABLE appointment;
DROP TABLE agreement;
DROP TABLE document;
DROP TABLE document_template;
