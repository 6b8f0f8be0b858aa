DROP TABLE repointed;
