DROP TABLE redirected;
