# Who speaks of what, and who did what to whom: the folder of `dragoman export parquet` with arrow, dplyr and tidyr.
# Rscript tables.R press/

library(arrow)
library(dplyr)
library(tidyr)

folder <- commandArgs(trailingOnly = TRUE)[1]

# Nothing is read before collect(), and only the columns and months that are asked for.
said <- open_dataset(file.path(folder, "statements")) |>
  filter(status == "said") |>
  select(article, day, party_name, act, polarity, issues, start, end, quote) |>
  collect()

# issues is a list: one row for each.
by_issue <- said |>
  unnest_longer(issues) |>
  count(party_name, issues, sort = TRUE)
print(by_issue)

deeds <- open_dataset(file.path(folder, "events")) |>
  filter(factuality == "actual") |>
  select(article, day, type, cameo, source_names, target_names) |>
  collect()

# Every source with every target.
dyads <- deeds |>
  unnest_longer(source_names) |>
  unnest_longer(target_names) |>
  count(source_names, target_names, type, sort = TRUE)
print(dyads)

# Offsets count characters from 0; R counts from 1.
texts <- open_dataset(file.path(folder, "articles")) |>
  select(id, text) |>
  collect()
in_place <- said |>
  inner_join(texts, by = c("article" = "id")) |>
  mutate(words = substr(text, start + 1, end))
print(select(in_place, article, words))
