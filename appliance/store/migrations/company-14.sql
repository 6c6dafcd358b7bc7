-- Each message changed it twice, for each of the two who talk; a list is sorted when it is asked for.
DROP INDEX conversation_latest;
